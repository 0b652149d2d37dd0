import fc from 'fast-check';
import { concatBytes, equalBytes, lengthPrefixed, uint32Bytes } from '@eko/protocol/encoding';
import { compareBytes, uint16Bytes } from '../../../../client-sdk/protocol/src/encoding/bytes';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('bytes', () => {
  it('joins in order, without touching the parts', () => {
    const first = bytes(1, 2);
    expect(concatBytes(first, bytes(), bytes(3))).toEqual(bytes(1, 2, 3));
    expect(concatBytes()).toEqual(bytes());
    expect(first).toEqual(bytes(1, 2));
  });

  it('tells equal from different, at every place', () => {
    expect(equalBytes(bytes(), bytes())).toBe(true);
    expect(equalBytes(bytes(1), bytes(1, 0))).toBe(false);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (a, place, flip) => {
          const b = Uint8Array.from(a);
          expect(equalBytes(a, b)).toBe(true);
          b[place % b.length]! ^= flip;
          expect(equalBytes(a, b)).toBe(false);
        },
      ),
    );
  });

  it('orders as Buffer.compare does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 }), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      }),
    );
  });

  it('writes 32-bit numbers most significant byte first', () => {
    expect(uint32Bytes(0x01020304)).toEqual(bytes(1, 2, 3, 4));
    expect(uint32Bytes(0xffff_ffff)).toEqual(bytes(255, 255, 255, 255));
    for (const wrong of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => uint32Bytes(wrong)).toThrow(RangeError);
    expect(uint16Bytes(0x0102)).toEqual(bytes(1, 2));
    for (const wrong of [-1, 2 ** 16, 0.5, Number.NaN]) expect(() => uint16Bytes(wrong)).toThrow(RangeError);
  });

  it('keeps different lists of fields different', () => {
    expect(lengthPrefixed(bytes(7), bytes())).toEqual(bytes(0, 0, 0, 1, 7, 0, 0, 0, 0));
    const fields = fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        expect(equalBytes(lengthPrefixed(...a), lengthPrefixed(...b))).toBe(
          JSON.stringify(a) === JSON.stringify(b),
        );
      }),
    );
  });
});
