import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url';

/** Curves whose keys are 32 bytes. */
export type RawKeyCurve = 'X25519' | 'Ed25519';

const KEY_BYTES = 32;
/** DER of a private key up to the key itself. @see RFC 8410 section 7 */
const PKCS8_PREFIX = {
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
} as const satisfies Record<RawKeyCurve, Buffer>;

/** The private key of 32 bytes, which stay the caller's; no string is made of them. */
export function importPrivateKey(curve: RawKeyCurve, bytes: Uint8Array): KeyObject {
  const prefix = PKCS8_PREFIX[curve];
  const der = Buffer.allocUnsafeSlow(prefix.length + bytes.length);
  der.set(prefix);
  der.set(bytes, prefix.length);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/**
 * The public key of 32 bytes.
 *
 * JWK goes through OpenSSL's raw keys, which takes a tenth of the time of its DER decoder.
 */
export function importPublicKey(curve: RawKeyCurve, bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: encodeBase64Url(bytes) }, format: 'jwk' });
}

/** The 32 bytes of a public key. */
export function exportPublicKey(key: KeyObject): Uint8Array {
  return decodeBase64Url(key.export({ format: 'jwk' }).x ?? '', KEY_BYTES);
}
