import type { RandomSource } from '../secret/random-source';

/** The system's generator. Each result has a buffer of its own: those of `randomBytes` may share a pool. */
export const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));
