import { sign, verify } from 'node:crypto';
import { SIGNATURE_BYTES, type SignatureVerifier } from '../crypto/ed25519';
import { POINT_BYTES } from '../crypto/edwards-point';
import type { RecordSigner } from '../crypto/record-signature';
import type { SecretBytes } from '../secret/secret-bytes';
import { importPrivateKey, importPublicKey } from './raw-keys';

/** Signs with the Ed25519 key of a seed of 32 bytes, which node:crypto keeps from here on. */
export function newEd25519Signer(seed: SecretBytes<'sign seed'>): RecordSigner {
  const key = seed.use((bytes) => importPrivateKey('Ed25519', bytes));
  return (message) => sign(null, message, key);
}

/** Ed25519 verification on OpenSSL: the answers of `verifyEd25519` for every registered key, an order faster. */
export const verifyEd25519OnNode: SignatureVerifier = (publicKey, message, signature) => {
  if (publicKey.length !== POINT_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return verify(null, message, importPublicKey('Ed25519', publicKey), signature);
};
