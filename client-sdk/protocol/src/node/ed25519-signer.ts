import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { POINT_BYTES, SIGNATURE_BYTES, type SignatureVerifier } from '../ed25519';
import type { RecordSigner } from '../record-signature';
import type { SecretBytes } from '../secret-bytes';

/** DER of a private key up to the seed. @see RFC 8410 section 7 */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** DER of a public key up to the key itself. @see RFC 8410 section 4 */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs with the Ed25519 key of a seed of 32 bytes, which node:crypto keeps from here on. */
export function newEd25519Signer(seed: SecretBytes<'sign seed'>): RecordSigner {
  const key = seed.use((bytes) => {
    const der = new Uint8Array(PKCS8_PREFIX.length + bytes.length);
    der.set(PKCS8_PREFIX);
    der.set(bytes, PKCS8_PREFIX.length);
    try {
      return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
    } finally {
      der.fill(0);
    }
  });
  return (message) => sign(null, message, key);
}

/** Ed25519 verification on OpenSSL: the answers of `verifyEd25519` for every registered key, an order faster. */
export const verifyEd25519OnNode: SignatureVerifier = (publicKey, message, signature) => {
  if (publicKey.length !== POINT_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const der = Buffer.concat([SPKI_PREFIX, publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};
