import fc from 'fast-check';
import { parseStrictJson } from '@eko/protocol/encoding';
import { acceptedOr, codedError } from '../../../support/coded-error';

const LIMITS = { maxBytes: 4096, maxDepth: 8 };

describe('parseStrictJson', () => {
  it('takes any white space, order, escape and fraction', () => {
    expect(parseStrictJson(' {\r\n\t"b" : [ 1.5, -2e3 ], "a":"\\u0041\\/" , "": {"a":1} } ', LIMITS)).toEqual(
      {
        b: [1.5, -2000],
        a: 'A/',
        '': { a: 1 },
      },
    );
  });

  it.each([
    ['repeated keys', '{"a":1,"b":2,"a":1}'],
    ['repeated keys, spelled differently', '{"a":1,"\\u0061":2}'],
    ['repeated keys with white space', '{"a" :1, "a"\n:2}'],
    ['repeated keys deep inside', '[{"x":[{"a":1,"a":1}]}]'],
    ['repeated keys behind an escaped quote', '{"q":"\\"","a":1,"a":1}'],
    ['repeated keys behind an escaped backslash', '{"q":"\\\\","a":1,"a":1}'],
    ['repeated keys after an inner object', '{"a":{"a":1},"a":1}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}'],
    ['constructor', '{"constructor":{}}'],
    ['prototype', '{"prototype":{}}'],
    ['half a surrogate pair', '["\\udc00"]'],
    ['half a surrogate pair in a key', '{"\\ud800":1}'],
    ['1e999', '[1e999]'],
    ['-0', '{"a":-0}'],
    ['2^53 + 1', '9007199254740993'],
    ['NaN', 'NaN'],
    ['a trailing comma', '[1,]'],
    ['a comment', '1 // one'],
    ['single quotes', "{'a':1}"],
    ['a byte order mark', '\ufeff{}'],
    ['nothing', ' '],
  ])('refuses %s', (_, text) => {
    expect(codedError(() => parseStrictJson(text, LIMITS)).code).toBe('INVALID_ARGUMENT');
  });

  it('takes the same key in different objects, and as a text', () => {
    expect(parseStrictJson('[{"a":"a"},{"a":["a","a"]}]', LIMITS)).toEqual([{ a: 'a' }, { a: ['a', 'a'] }]);
  });

  it('leaves prototypes alone', () => {
    expect(acceptedOr(() => parseStrictJson('{"a":{"__proto__":{"polluted":1}}}', LIMITS))).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('refuses what is too large or too deep before parsing it', () => {
    expect(codedError(() => parseStrictJson('x'.repeat(5000), LIMITS)).code).toBe('TOO_LARGE');
    expect(codedError(() => parseStrictJson('['.repeat(9), LIMITS)).code).toBe('TOO_DEEP');
    const deep = '{"a":'.repeat(500_000);
    expect(codedError(() => parseStrictJson(deep, { maxBytes: 4_000_000, maxDepth: 8 })).code).toBe(
      'TOO_DEEP',
    );
  });

  it('counts no bracket inside a string, and every one behind it', () => {
    const brackets = '['.repeat(9);
    const inside = { a: `${brackets}"`, b: `"${brackets}\\`, [`"${brackets}`]: 1 };
    expect(parseStrictJson(JSON.stringify(inside), LIMITS)).toEqual(inside);
    for (const text of ['"\\\\"', '"\\\\\\""', '""'])
      expect(codedError(() => parseStrictJson(`[${text},${brackets}`, LIMITS)).code).toBe('TOO_DEEP');
  });

  it('agrees with JSON.parse on everything it takes', () => {
    const text = '{"a": [1, -20, "x\\n\u00e4"], "b": {"c": null, "a": true}}';
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.string({ unit: 'binary', maxLength: 2 }),
        (at, cut, insert) => {
          const changed = text.slice(0, at) + insert + text.slice(at + cut);
          const value = acceptedOr(() => ({ parsed: parseStrictJson(changed, LIMITS) }));
          if (value !== undefined) expect(value.parsed).toEqual(JSON.parse(changed));
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = acceptedOr(() => ({ parsed: parseStrictJson(json, LIMITS) }));
        if (value !== undefined) expect(value.parsed).toEqual(JSON.parse(json));
      }),
    );
  });
});
