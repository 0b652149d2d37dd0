import { Type, encodeBase64Url, fits, uint32Bytes, utf8Encode } from '@eko/protocol/encoding';
import { decodeMessage, encodeMessage, mediaTypeOf } from '@eko/protocol/rest';
import { RawBytes } from '../../../../client-sdk/protocol/src/rest/message-body';
import fc from 'fast-check';
import { codedError } from '../../../support/coded-error';

const Plain = Type.Object({ text: Type.String() }, { additionalProperties: false });
const Raw = Type.Object(
  { text: Type.String(), b: RawBytes(300), a: Type.Optional(RawBytes(300)) },
  { additionalProperties: false },
);
const DEPTH = 4;

const bytesOf = (message: unknown): Uint8Array => {
  const { content } = encodeMessage(message);
  return typeof content === 'string' ? utf8Encode(content) : content;
};

/** A message by hand: its head, and what follows. */
const parts = (head: string, ...rest: readonly number[]): Uint8Array =>
  Uint8Array.from([...uint32Bytes(head.length), ...utf8Encode(head), ...rest]);

describe('the body of a message between nodes', () => {
  it('is JSON where nothing is raw, and has one media type for a schema', () => {
    expect(encodeMessage({ text: 'a' })).toEqual({ mediaType: mediaTypeOf(Plain), content: '{"text":"a"}' });
    expect(encodeMessage(undefined).content).toBe('null');
    expect(mediaTypeOf(Plain)).toBe('application/json');
    expect(encodeMessage({ text: 'a', b: Uint8Array.of(1) }).mediaType).toBe(mediaTypeOf(Raw));
    expect(mediaTypeOf(Raw)).toBe('application/vnd.eko.parts');
  });

  it('has the raw bytes behind its head, in the order of their names', () => {
    const body = bytesOf({ b: Uint8Array.of(1, 2), text: 'x', a: Uint8Array.of(3) });
    expect(body).toEqual(parts('{"b":2,"text":"x","a":1}', 3, 1, 2));
  });

  it('comes back as it was', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), bytes, fc.option(bytes), (text, b, a) => {
        const message = { text, b, ...(a === null ? {} : { a }) };
        const read = decodeMessage(Raw, bytesOf(message), DEPTH);
        expect(fits(Raw, read)).toBe(true);
        expect(read).toEqual(message);
      }),
    );
    expect(decodeMessage(Plain, bytesOf({ text: 'ä' }), DEPTH)).toEqual({ text: 'ä' });
  });

  it('is refused at every length but its own', () => {
    const whole = bytesOf({ text: 'x', b: Uint8Array.of(1, 2, 3), a: Uint8Array.of(4) });
    for (let size = 0; size < whole.length; size += 1)
      expect(codedError(() => decodeMessage(Raw, whole.subarray(0, size), DEPTH)).code).toBe(
        'INVALID_ARGUMENT',
      );
    const longer = Uint8Array.from([...whole, 0]);
    expect(codedError(() => decodeMessage(Raw, longer, DEPTH)).code).toBe('INVALID_ARGUMENT');
  });

  it.each([
    ['a negative length', parts('{"text":"","b":-1}', 1)],
    ['half a byte', parts('{"text":"","b":0.5}', 1)],
    ['a length that is a text', parts('{"text":"","b":"1"}', 1)],
    ['a length of 2^53', parts('{"text":"","b":9007199254740992}', 1)],
    ['a field of bytes twice', parts('{"text":"","b":1,"b":1}', 1)],
    ['__proto__', parts('{"__proto__":{"b":1}}', 1)],
    ['a list', parts('[1]', 1)],
    ['nothing', parts('null')],
    ['a head of 4 GB', Uint8Array.of(255, 255, 255, 255, 123, 125)],
    ['a head that is no UTF-8', Uint8Array.of(0, 0, 0, 1, 255)],
    ['a head deeper than it may be', parts(`{"text":${'['.repeat(9)}`)],
  ])('is refused with %s', (_what, body) => {
    const { code } = codedError(() => decodeMessage(Raw, body, DEPTH));
    expect(['INVALID_ARGUMENT', 'TOO_DEEP']).toContain(code);
  });

  it('fits its schema by its raw bytes only, and within their bound', () => {
    const text = '';
    expect(fits(Raw, decodeMessage(Raw, bytesOf({ text, b: new Uint8Array(301) }), DEPTH))).toBe(false);
    expect(fits(Raw, { text, b: encodeBase64Url(Uint8Array.of(1)) })).toBe(false);
    expect(fits(Raw, decodeMessage(Raw, parts('{"text":"","a":1}', 1), DEPTH))).toBe(false);
  });
});
