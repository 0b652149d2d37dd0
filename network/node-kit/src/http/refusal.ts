/**
 * Why somebody was turned away at a port: its connection made room for a newer one, ended before it was known whose it
 * was, showed no registered certificate; its call showed no token, or came too soon after others.
 */
export type Refusal = 'crowded' | 'handshake' | 'certificate' | 'token' | 'rate';

/** Told of each refusal, with the address that it came from; for counters and logs. */
export type OnRefused = (refusal: Refusal, remoteAddress: string) => void;
