import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import { signLowS } from '@eko/protocol/node';

/** Signs a whole message, for a gateway connected with `hash.none`. */
export type MessageSigner = (message: Uint8Array) => Promise<Uint8Array>;

/**
 * Makes a signer on node:crypto from a PEM private key, ECDSA P-256 or Ed25519. The gateway client's own signer is pure
 * JavaScript: no more writes fit into a second with this one, but each takes half of the writer's processor time.
 *
 * @throws EkoError `INVALID_CONFIG` for any other key, without a word of its content
 */
export function newNativeSigner(privateKeyPem: string): MessageSigner {
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch {
    throw new EkoError('INVALID_CONFIG', 'The private key is not an unencrypted PEM key');
  }
  if (key.asymmetricKeyType === 'ed25519') return (message) => Promise.resolve(sign(null, message, key));
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return (message) => Promise.resolve(signLowS(key, message));
  throw new EkoError('INVALID_CONFIG', 'The private key must be ECDSA P-256 or Ed25519');
}
