import fc from 'fast-check';
import {
  decodeBase64Url,
  decodeHex,
  encodeBase64Url,
  encodeHex,
  utf8Decode,
  utf8Encode,
} from '@eko/protocol/encoding';
import { acceptedOr, codedError } from '../../../support/coded-error';

const refused = (action: () => unknown): string => codedError(action).code;

describe('hex', () => {
  it('goes both ways, as Buffer does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = encodeHex(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('hex'));
        expect(decodeHex(text, bytes.length)).toEqual(bytes);
      }),
    );
  });

  it.each(['0', 'AB', 'aB', '0x', ' 00', '0g', '00\n', '٠٠', 'ﬀ'])('refuses %j', (text) => {
    expect(refused(() => decodeHex(text))).toBe('INVALID_ARGUMENT');
  });

  it('refuses another size than asked for', () => {
    expect(refused(() => decodeHex('0011', 1))).toBe('INVALID_ARGUMENT');
    expect(refused(() => decodeHex('', 1))).toBe('INVALID_ARGUMENT');
  });

  it('takes one text only for each array of bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'09afAFg =-') }), (text) => {
        const bytes = acceptedOr(() => decodeHex(text));
        if (bytes !== undefined) expect(encodeHex(bytes)).toBe(text);
      }),
    );
  });
});

describe('base64url', () => {
  it('goes both ways, as Buffer does', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = encodeBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64Url(text, bytes.length)).toEqual(bytes);
      }),
    );
  });

  it.each(['A', 'AAAAA', 'AA==', 'A+AA', 'A/AA', 'AAA\n', ' AAA', 'AAÄA', 'AAA\u{1F600}'])(
    'refuses %j',
    (text) => {
      expect(refused(() => decodeBase64Url(text))).toBe('INVALID_ARGUMENT');
    },
  );

  it('refuses left-over bits that are not zero', () => {
    expect(decodeBase64Url('_w')).toEqual(Uint8Array.of(255));
    for (const last of 'xyz') expect(refused(() => decodeBase64Url(`_${last}`))).toBe('INVALID_ARGUMENT');
    for (const last of '9_-') expect(refused(() => decodeBase64Url(`__${last}`))).toBe('INVALID_ARGUMENT');
  });

  it('refuses another size than asked for', () => {
    expect(refused(() => decodeBase64Url('AAAA', 2))).toBe('INVALID_ARGUMENT');
  });

  it('takes one text only for each array of bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgwxyz_-+/= ') }), (text) => {
        const bytes = acceptedOr(() => decodeBase64Url(text));
        if (bytes !== undefined) expect(encodeBase64Url(bytes)).toBe(text);
      }),
    );
  });
});

describe('UTF-8', () => {
  it('goes both ways, byte order mark and NUL included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
    );
    expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  it('refuses half a surrogate pair', () => {
    for (const text of ['\ud800', 'a\udc00', '\udc00\ud800', '\ud800a']) {
      expect(refused(() => utf8Encode(text))).toBe('INVALID_ARGUMENT');
    }
  });

  it('takes one array of bytes only for each text', () => {
    expect(refused(() => utf8Decode(Uint8Array.of(0xc0, 0x80)))).toBe('INVALID_ARGUMENT');
    expect(refused(() => utf8Decode(Uint8Array.of(0xed, 0xa0, 0x80)))).toBe('INVALID_ARGUMENT');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        const text = acceptedOr(() => utf8Decode(bytes));
        if (text !== undefined) expect(utf8Encode(text)).toEqual(bytes);
      }),
    );
  });
});
