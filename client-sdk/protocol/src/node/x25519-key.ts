import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { KeyAgreementKey } from '../hpke-primitives';
import type { SecretBytes } from '../secret-bytes';

/** DER of a public key up to the key itself. @see RFC 8410 section 4 */
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
/** DER of a private key up to the key itself. @see RFC 8410 section 7 */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const KEY_BYTES = 32;

/** Recipients come back: importing a key costs a tenth of a seal. */
const IMPORTED_KEYS_KEPT = 1024;
const imported = new Map<string, KeyObject>();

/** A fresh X25519 key from the system's generator. */
export function newX25519Key(): KeyAgreementKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return keyOf(privateKey, rawPublicKey(publicKey));
}

/** The X25519 key of 32 private bytes (clamped or not). */
export function importX25519Key(secret: SecretBytes<'kem private key'>): KeyAgreementKey {
  const privateKey = secret.use((bytes) => {
    const der = new Uint8Array(PKCS8_PREFIX.length + bytes.length);
    der.set(PKCS8_PREFIX);
    der.set(bytes, PKCS8_PREFIX.length);
    try {
      return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
    } finally {
      der.fill(0);
    }
  });
  return keyOf(privateKey, rawPublicKey(createPublicKey(privateKey)));
}

function keyOf(privateKey: KeyObject, publicKey: Uint8Array): KeyAgreementKey {
  return {
    publicKey,
    agree: (peer) => {
      if (peer.length !== KEY_BYTES) return undefined;
      try {
        return diffieHellman({ privateKey, publicKey: importPublicKey(peer) });
      } catch {
        // OpenSSL refuses an all-zero result, which is what a peer key of small order gives.
        return undefined;
      }
    },
  };
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES));
}

function importPublicKey(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1');
  const known = imported.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  if (imported.size >= IMPORTED_KEYS_KEPT) imported.clear();
  imported.set(name, key);
  return key;
}
