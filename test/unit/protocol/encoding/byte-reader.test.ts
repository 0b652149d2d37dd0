import { lengthPrefixed } from '@eko/protocol/encoding';
import { ByteReader } from '../../../../client-sdk/protocol/src/encoding/byte-reader';
import { codedError } from '../../../support/coded-error';

const readerOf = (...values: number[]): ByteReader =>
  new ByteReader(Uint8Array.from(values), 'ENVELOPE_INVALID', 'test message');

describe('ByteReader', () => {
  it('reads numbers, fields and the rest in order', () => {
    const reader = readerOf(1, 0, 2, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 2, 8, 9, 7);
    expect(reader.uint8()).toBe(1);
    expect(reader.uint16()).toBe(2);
    expect(reader.uint32()).toBe(0xffff_fffe);
    expect(reader.lengthPrefixed(2)).toEqual(Uint8Array.of(8, 9));
    expect(reader.remaining).toBe(1);
    expect(reader.take(1)).toEqual(Uint8Array.of(7));
    reader.end();
  });

  it('gives views, so that wiping the message wipes what was read', () => {
    const message = Uint8Array.of(5, 6);
    const field = new ByteReader(message, 'ENVELOPE_INVALID', 'test message').take(2);
    message.fill(0);
    expect(field).toEqual(Uint8Array.of(0, 0));
  });

  it('reports what is missing, too long or left over by the code of its message', () => {
    expect(codedError(() => readerOf(1).uint16()).code).toBe('ENVELOPE_INVALID');
    expect(codedError(() => readerOf(0, 0, 0, 9, 1).lengthPrefixed(100)).code).toBe('ENVELOPE_INVALID');
    expect(codedError(() => readerOf(255, 255, 255, 255, 1).lengthPrefixed(4)).code).toBe('ENVELOPE_INVALID');
    const reader = readerOf(1, 2);
    reader.uint8();
    expect(codedError(() => reader.end()).code).toBe('ENVELOPE_INVALID');
  });

  it('reads back what lengthPrefixed writes, and no truncation of it', () => {
    const written = lengthPrefixed(Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3));
    const read = (size: number): Uint8Array[] => {
      const reader = new ByteReader(written.subarray(0, size), 'CORRUPT_RECORD', 'test message');
      const fields = [reader.lengthPrefixed(8), reader.lengthPrefixed(8), reader.lengthPrefixed(8)];
      reader.end();
      return fields;
    };
    expect(read(written.length)).toEqual([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    for (let size = 0; size < written.length; size += 1) {
      expect(codedError(() => read(size)).code).toBe('CORRUPT_RECORD');
    }
  });
});
