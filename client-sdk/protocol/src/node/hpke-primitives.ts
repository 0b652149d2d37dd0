import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { HpkeAead, HpkePrimitives } from '../crypto/hpke-primitives';
import { ENVELOPE_SUITE } from '../crypto/suite';
import { newX25519Key } from './x25519-key';

const { tagBytes: TAG_BYTES, ...IDENTIFIED } = ENVELOPE_SUITE.aead;

/** ChaCha20-Poly1305 on OpenSSL. @see RFC 9180 section 7.3, RFC 8439 */
const chacha20Poly1305: HpkeAead = {
  ...IDENTIFIED,
  seal: (key, nonce, aad, plaintext) => {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  open: (key, nonce, aad, ciphertext) => {
    const length = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(aad, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const opened = decipher.update(ciphertext.subarray(0, length));
    try {
      decipher.final();
    } catch {
      opened.fill(0);
      return undefined;
    }
    return new Uint8Array(opened.buffer, opened.byteOffset, opened.length);
  },
};

/** HPKE on synchronous node:crypto: WebCrypto's thread hops cost several times what the cryptography does. */
export const nodeHpkePrimitives: HpkePrimitives = {
  aead: chacha20Poly1305,
  newEphemeralKey: newX25519Key,
};
