import { EkoError } from '../errors';

/** Gives that many fresh bytes of the system's cryptographic random generator; passed in, never reached for. */
export type RandomSource = (length: number) => Uint8Array;

/** Fewer bytes than this say nothing about the generator's health. */
const HEALTH_BYTES = 32;

/**
 * Draws bytes that belong to the caller, from a source that shows signs of life.
 *
 * A draw whose bytes are all equal is made again, once. A sound source gives such a draw once in 2^248 times, so
 * what comes out stays uniform for every purpose.
 *
 * @throws EkoError `RNG_FAILED` if the second draw is all equal too, or a draw has the wrong size
 */
export function drawRandom(random: RandomSource, length: number): Uint8Array {
  const size = Math.max(length, HEALTH_BYTES);
  let drawn = drawExactly(random, size);
  if (isAllEqual(drawn)) drawn = drawExactly(random, size);
  if (isAllEqual(drawn)) throw new EkoError('RNG_FAILED', 'the random generator repeats one byte');
  if (size === length) return drawn;
  // Not slice(): on a Buffer that is a view, which the next line would wipe.
  const wanted = Uint8Array.from(drawn.subarray(0, length));
  drawn.fill(0);
  return wanted;
}

function drawExactly(random: RandomSource, size: number): Uint8Array {
  const drawn = random(size);
  if (drawn.length !== size)
    throw new EkoError('RNG_FAILED', 'the random generator gave another size than asked');
  return drawn;
}

function isAllEqual(bytes: Uint8Array): boolean {
  let difference = 0;
  for (const byte of bytes) difference |= byte ^ (bytes[0] ?? 0);
  return difference === 0;
}
