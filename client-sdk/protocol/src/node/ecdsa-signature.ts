import { type KeyObject, sign, verify } from 'node:crypto';

/** Bytes of a P-256 field element. */
const ELEMENT_BYTES = 32;
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const HALF_ORDER = Buffer.from((ORDER / 2n).toString(16), 'hex');

/**
 * Tells whether `signature` over `message` is by the holder of `publicKey`, as Fabric checks it: ECDSA with SHA-256
 * and an `s` of at most half the order, or Ed25519.
 */
export function isSignedBy(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.asymmetricKeyType === 'ed25519') return verify(null, message, publicKey, signature);
  return isLowS(readS(signature)) && verify('sha256', message, publicKey, signature);
}

/** Signs as a Fabric peer does: ECDSA on P-256 with SHA-256, DER, low `s`. OpenSSL alone does not lower `s`. */
export function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
  const signature = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  const r = signature.subarray(0, ELEMENT_BYTES);
  const s = signature.subarray(ELEMENT_BYTES);
  const body = Buffer.concat([derInteger(r), derInteger(isLowS(s) ? s : negate(s))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function negate(s: Buffer): Buffer {
  const negated = ORDER - BigInt(`0x${s.toString('hex')}`);
  return Buffer.from(negated.toString(16).padStart(2 * ELEMENT_BYTES, '0'), 'hex');
}

function derInteger(element: Buffer): Buffer {
  const digits = withoutLeadingZeros(element);
  const isNegative = (digits[0] ?? 0) >= 0x80;
  return Buffer.concat([
    Buffer.of(0x02, digits.length + Number(isNegative)),
    Buffer.alloc(Number(isNegative)),
    digits,
  ]);
}

/** Reads `s` of a DER-encoded signature. Whether the encoding is sound is for the verification to say. */
function readS(signature: Uint8Array): Buffer {
  const lengthOfR = signature[3] ?? 0;
  const start = 4 + lengthOfR + 2;
  return Buffer.from(signature.subarray(start, start + (signature[start - 1] ?? 0)));
}

function isLowS(s: Buffer): boolean {
  const digits = withoutLeadingZeros(s);
  if (digits.length !== ELEMENT_BYTES) return digits.length < ELEMENT_BYTES;
  return Buffer.compare(digits, HALF_ORDER) <= 0;
}

function withoutLeadingZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}
