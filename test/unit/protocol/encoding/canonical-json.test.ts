import fc from 'fast-check';
import { encodeCanonicalJson, parseCanonicalJson } from '@eko/protocol/encoding';
import { acceptedOr, codedError } from '../../../support/coded-error';

const LIMITS = { maxBytes: 4096, maxDepth: 8 };
const { value: canonicalValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 3 }), tie('value'), { maxKeys: 3 }),
  ),
}));

describe('encodeCanonicalJson', () => {
  it('orders keys by UTF-16 units and leaves no white space', () => {
    expect(encodeCanonicalJson({ b: [1, 'x'], a: null, Z: true, '\u{1F600}': 1, '\ufb01': 2 })).toBe(
      '{"Z":true,"a":null,"b":[1,"x"],"\u{1F600}":1,"\ufb01":2}',
    );
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a hole', Array(1)],
    ['a fraction', 1.5],
    ['-0', -0],
    ['2^53', 2 ** 53],
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['bytes', new Uint8Array(1)],
    ['half a surrogate pair', '\ud800'],
    ['half a surrogate pair in a key', { '\udc00': 1 }],
    ['__proto__', JSON.parse('{"__proto__":1}')],
    ['constructor', { constructor: 1 }],
    ['prototype', { a: [{ prototype: 1 }] }],
  ])('refuses %s', (_, value: unknown) => {
    expect(codedError(() => encodeCanonicalJson(value)).code).toBe('INVALID_ARGUMENT');
  });

  it('refuses a value that refers to itself', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(codedError(() => encodeCanonicalJson(loop)).code).toBe('TOO_DEEP');
  });
});

describe('parseCanonicalJson', () => {
  it('reads back what was encoded, whatever order the keys had', () => {
    fc.assert(
      fc.property(canonicalValue, (value) => {
        const text = acceptedOr(() => encodeCanonicalJson(value));
        fc.pre(text !== undefined && Buffer.byteLength(text) <= LIMITS.maxBytes);
        const read = parseCanonicalJson(text, LIMITS);
        expect(encodeCanonicalJson(read)).toBe(text);
        expect(JSON.parse(JSON.stringify(value))).toEqual(read);
      }),
    );
  });

  it.each([
    ['repeated keys', '{"a":1,"a":1}'],
    ['white space', '{"a": 1}'],
    ['white space at the end', '1\n'],
    ['keys out of order', '{"b":1,"a":1}'],
    ['1.0', '1.0'],
    ['1e0', '1e0'],
    ['-0', '-0'],
    ['1.5', '1.5'],
    ['2^53 + 1', '9007199254740993'],
    ['1e999', '1e999'],
    ['an escape that is not needed', '"\\u0061"'],
    ['an escaped slash', '"\\/"'],
    ['half a surrogate pair, escaped', '"\\ud800"'],
    ['half a surrogate pair, raw', '"\ud800"'],
    ['a byte order mark', '\ufeff1'],
    ['__proto__', '{"__proto__":{}}'],
    ['constructor', '{"constructor":{"prototype":{}}}'],
    ['nothing', ''],
    ['half a document', '{"a":'],
    ['two documents', '1 1'],
  ])('refuses %s', (_, text) => {
    expect(codedError(() => parseCanonicalJson(text, LIMITS)).code).toBe('INVALID_ARGUMENT');
  });

  it('counts UTF-8 bytes, up to the limit and no further', () => {
    const limits = { maxBytes: 6, maxDepth: 1 };
    expect(parseCanonicalJson('"\u{1F600}"', limits)).toBe('\u{1F600}');
    expect(parseCanonicalJson('"\u00e4\u00e4"', limits)).toBe('\u00e4\u00e4');
    for (const text of ['"\u{1F600}a"', '"\u20ac\u20ac"', '"\u00e4\u00e4a"', '"aaaaa"']) {
      expect(codedError(() => parseCanonicalJson(text, limits)).code).toBe('TOO_LARGE');
    }
  });

  it('counts levels, not brackets in texts', () => {
    const limits = { maxBytes: 100, maxDepth: 2 };
    expect(parseCanonicalJson('[["[[[[\\"[[{"],[]]', limits)).toEqual([['[[[["[[{'], []]);
    for (const text of ['[[[]]]', '[{"a":[]}]', '["\\\\",[[]]]']) {
      expect(codedError(() => parseCanonicalJson(text, limits)).code).toBe('TOO_DEEP');
    }
  });

  it('refuses half a million levels without parsing them', () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    expect(codedError(() => parseCanonicalJson(deep, { maxBytes: 2_000_000, maxDepth: 8 })).code).toBe(
      'TOO_DEEP',
    );
  });

  it('accepts no change of a document except another canonical document, and fails with nothing but its own errors', () => {
    const text = '{"a":[1,-20,"x\\n\\u0000\u00e4"],"b":{"c":null,"d":true}}';
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.string({ unit: 'binary', maxLength: 2 }),
        (at, cut, insert) => {
          const changed = text.slice(0, at) + insert + text.slice(at + cut);
          const value = acceptedOr(() => ({ parsed: parseCanonicalJson(changed, LIMITS) }));
          if (value !== undefined) expect(encodeCanonicalJson(value.parsed)).toBe(changed);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('does not repeat the text in its error', () => {
    const error = codedError(() => parseCanonicalJson('hunter2', LIMITS));
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('hunter2');
  });
});
