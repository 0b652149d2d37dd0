/** The message with one bit of each byte flipped, in turn. */
export function* flippedAtEveryByte(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length; at += 1) {
    const flipped = Uint8Array.from(message);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    yield flipped;
  }
}

/** The message cut at every length short of its own, and with bytes added. */
export function* wrongLengths(message: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < message.length; length += 1) yield message.slice(0, length);
  yield Uint8Array.from([...message, 0]);
  yield Uint8Array.from([0, ...message]);
}
