import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { EkoError } from '@eko/protocol';

/** Signs a whole message, for a gateway connected with `hash.none`. */
export type MessageSigner = (message: Uint8Array) => Promise<Uint8Array>;

const P256_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const P256_HALF_ORDER = P256_ORDER / 2n;

/** DER INTEGER of an unsigned big-endian number. */
function derInteger(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.from([2, sign.length + digits.length, ...sign, ...digits]);
}

/**
 * ECDSA over P-256 with SHA-256 as Fabric takes it: DER, and the lower of the two possible `s` (OpenSSL gives either,
 * Fabric refuses the higher).
 */
function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
  const raw = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  let s: Uint8Array = raw.subarray(32);
  const value = BigInt(`0x${Buffer.from(s).toString('hex')}`);
  if (value > P256_HALF_ORDER) s = Buffer.from((P256_ORDER - value).toString(16).padStart(64, '0'), 'hex');
  const body = Buffer.concat([derInteger(raw.subarray(0, 32)), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/**
 * Makes a signer on node:crypto from a PEM private key, ECDSA P-256 or Ed25519. The gateway client's own signer is pure
 * JavaScript and costs a fifth of a transaction.
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
