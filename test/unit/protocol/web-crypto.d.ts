import type { webcrypto } from 'node:crypto';

declare global {
  /** What @hpke/core names from the DOM's types, which this project does without. */
  type CryptoKey = webcrypto.CryptoKey;
  type CryptoKeyPair = webcrypto.CryptoKeyPair;
}
