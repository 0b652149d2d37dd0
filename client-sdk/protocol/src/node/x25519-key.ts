import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyAgreementKey } from '../crypto/hpke-primitives';
import type { SecretBytes } from '../secret/secret-bytes';
import { exportPublicKey, importPrivateKey, importPublicKey } from './raw-keys';

const KEY_BYTES = 32;

/** The u-coordinate of the base point: whoever agrees with it gets the own public key. @see RFC 7748 section 4.1 */
const basePoint = importPublicKey('X25519', Uint8Array.of(9, ...new Array<number>(KEY_BYTES - 1).fill(0)));

/**
 * A fresh X25519 key from the system's generator.
 *
 * Its public key is computed, not exported: Node holds a lock of the key while `export` allocates, and if that starts a
 * garbage collection that collects the generator of this very key, it waits for the same lock for ever.
 */
export function newX25519Key(): KeyAgreementKey {
  const { privateKey } = generateKeyPairSync('x25519');
  return keyOf(privateKey, diffieHellman({ privateKey, publicKey: basePoint }));
}

/** The X25519 key of 32 private bytes, clamped or not. */
export function importX25519Key(secret: SecretBytes<'kem private key'>): KeyAgreementKey {
  const privateKey = secret.use((bytes) => importPrivateKey('X25519', bytes));
  return keyOf(privateKey, exportPublicKey(createPublicKey(privateKey)));
}

function keyOf(privateKey: KeyObject, publicKey: Uint8Array): KeyAgreementKey {
  return {
    publicKey,
    agree: (peer) => {
      if (peer.length !== KEY_BYTES) return undefined;
      try {
        return diffieHellman({ privateKey, publicKey: importPublicKey('X25519', peer) });
      } catch {
        // OpenSSL refuses an all-zero result, which is what a peer key of small order gives.
        return undefined;
      }
    },
  };
}
