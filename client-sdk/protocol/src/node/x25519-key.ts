import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyAgreementKey } from '../hpke-primitives';
import type { SecretBytes } from '../secret-bytes';
import { exportPublicKey, importPrivateKey, importPublicKey } from './raw-keys';

const KEY_BYTES = 32;

/** A fresh X25519 key from the system's generator. */
export function newX25519Key(): KeyAgreementKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return keyOf(privateKey, publicKey);
}

/** The X25519 key of 32 private bytes, clamped or not. */
export function importX25519Key(secret: SecretBytes<'kem private key'>): KeyAgreementKey {
  const privateKey = secret.use((bytes) => importPrivateKey('X25519', bytes));
  return keyOf(privateKey, createPublicKey(privateKey));
}

function keyOf(privateKey: KeyObject, publicKey: KeyObject): KeyAgreementKey {
  return {
    publicKey: exportPublicKey(publicKey),
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
