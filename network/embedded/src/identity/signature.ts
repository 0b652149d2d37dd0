import { type KeyObject, sign, verify } from 'node:crypto';

/** Half the order of P-256; Fabric accepts only signatures whose `s` is not above it. */
const HALF_ORDER = Buffer.from('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8', 'hex');

/**
 * Tells whether `signature` over `message` is by the holder of `publicKey`, as Fabric checks it: ECDSA with SHA-256
 * and a low `s`, or Ed25519.
 */
export function isSignedBy(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.asymmetricKeyType === 'ed25519') return verify(null, message, publicKey, signature);
  return isLowS(signature) && verify('sha256', message, publicKey, signature);
}

/** Signs as a Fabric peer does. OpenSSL yields a high `s` every second time, which is then thrown away. */
export function signLowS(privateKey: KeyObject, message: Uint8Array): Uint8Array {
  for (;;) {
    const signature = sign('sha256', message, privateKey);
    if (isLowS(signature)) return signature;
  }
}

/** Reads `s` of a DER-encoded ECDSA signature. Whether the encoding is sound is for the verification to say. */
function isLowS(signature: Uint8Array): boolean {
  const lengthOfR = signature[3] ?? 0;
  const start = 4 + lengthOfR + 2;
  const lengthOfS = signature[start - 1] ?? 0;
  const s = signature.subarray(start, start + lengthOfS);
  const firstDigit = s.findIndex((byte) => byte !== 0);
  const digits = firstDigit === -1 ? s.subarray(s.length) : s.subarray(firstDigit);
  if (digits.length !== HALF_ORDER.length) return digits.length < HALF_ORDER.length;
  return Buffer.compare(digits, HALF_ORDER) <= 0;
}
