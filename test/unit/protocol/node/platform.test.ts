import { createHash, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expandSha256, hkdfSha256 } from '../../../../client-sdk/protocol/src/crypto/hkdf-sha256';
import * as onNode from '../../../../client-sdk/protocol/src/node/platform';
import type { Platform } from '../../../../client-sdk/protocol/src/platform/platform';
import * as portable from '../../../../client-sdk/protocol/src/platform/portable-platform';
import { codedError } from '../../../support/coded-error';
import { unhex } from '../published-vectors';

const PLATFORMS: readonly [string, Platform][] = [
  ['Node', onNode],
  ['any platform', portable],
];
/** Short and long ones: Node reads long texts by other code. */
const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ minLength: 40, maxLength: 400 }));
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

/** What a reader makes of a text: its bytes, or its error as people read it. */
function read({ bytesOfBase64Url }: Platform, text: string): string {
  try {
    return hex(bytesOfBase64Url(text));
  } catch {
    const { code, message } = codedError(() => bytesOfBase64Url(text));
    return `${code}: ${message}`;
  }
}

describe.each(PLATFORMS)('the primitives of %s', (_, platform) => {
  it('hash as OpenSSL does', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (key, one, other) => {
        const hash = createHash('sha256').update(one).digest('hex');
        const mac = createHmac('sha256', key).update(one).update(other).digest('hex');
        expect(hex(platform.sha256(one))).toBe(hash);
        expect(hex(platform.hmacSha256(key, one, other))).toBe(mac);
      }),
    );
  });

  it('write base64url as Buffer does, and read it again', () => {
    fc.assert(
      fc.property(bytes, fc.nat(9), (value, offset) => {
        const text = platform.base64UrlOf(value.subarray(offset));
        expect(text).toBe(Buffer.from(value.subarray(offset)).toString('base64url'));
        expect(platform.bytesOfBase64Url(text)).toEqual(value.slice(offset));
      }),
    );
  });

  // A secret's owner wipes the whole buffer, and a pool would hold other things beside it.
  it.each([1, 31, 32, 200])('give %i bytes in a buffer of their own, and no Buffer', (length) => {
    const value = new Uint8Array(length).fill(7);
    for (const result of [
      platform.sha256(value),
      platform.hmacSha256(value, value),
      platform.bytesOfBase64Url(platform.base64UrlOf(value)),
    ]) {
      expect(result.buffer.byteLength).toBe(result.length);
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
    }
  });
});

describe('base64url on Node', () => {
  it('is read as strictly as anywhere, with the same words', () => {
    const verdicts = new Set<string>();
    const near = fc.tuple(bytes, fc.nat(600), fc.constantFrom(...'Aw_-+/=. \n\0é😀', '', '=='), fc.boolean());
    fc.assert(
      fc.property(near, ([value, place, piece, replaces]) => {
        const text = portable.base64UrlOf(value);
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + piece + text.slice(at + (replaces ? piece.length : 0));
        const answer = read(portable, changed);
        expect(read(onNode, changed)).toBe(answer);
        verdicts.add(answer.replace(/^[0-9a-f]*$/, 'taken'));
      }),
      { numRuns: 5000 },
    );
    expect([...verdicts].sort()).toEqual([
      'INVALID_ARGUMENT: base64url ends in the middle of a byte',
      'INVALID_ARGUMENT: base64url has left-over bits that are not zero',
      'INVALID_ARGUMENT: base64url must have A-Z, a-z, 0-9, - and _ only, without padding',
      'taken',
    ]);
  });
});

describe('HKDF with SHA-256', () => {
  // RFC 5869 appendix A.1 to A.3.
  it.each([
    {
      ikm: '0b'.repeat(22),
      salt: '000102030405060708090a0b0c',
      info: 'f0f1f2f3f4f5f6f7f8f9',
      okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      ikm: '0b'.repeat(22),
      salt: '',
      info: '',
      okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('gives the published output $okm', ({ ikm, salt, info, okm }) => {
    expect(hex(hkdfSha256(unhex(ikm), unhex(salt), unhex(info), okm.length / 2))).toBe(okm);
  });

  it('gives what OpenSSL gives, of every length', () => {
    const length = fc.oneof(fc.nat(200), fc.constantFrom(31, 32, 33, 64, 8160));
    fc.assert(
      fc.property(bytes, bytes, bytes, length, (ikm, salt, info, lengthBytes) => {
        const expected = Buffer.from(hkdfSync('sha256', ikm, salt, info, lengthBytes)).toString('hex');
        expect(hex(hkdfSha256(ikm, salt, info, lengthBytes))).toBe(expected);
        const key = onNode.hmacSha256(salt, ikm);
        expect(hex(expandSha256(key, info, lengthBytes))).toBe(expected);
      }),
    );
  });

  it('gives no more than its counter can tell apart', () => {
    expect(() => hkdfSha256(new Uint8Array(32), new Uint8Array(), new Uint8Array(), 8161)).toThrow(
      RangeError,
    );
  });
});
