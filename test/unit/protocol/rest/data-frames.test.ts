import fc from 'fast-check';
import { LIMITS } from '@eko/protocol';
import { END_FRAME, END_READ_FRAME, FrameReader, encodeFrameHead } from '@eko/protocol/rest';
import { codedError } from '../../../support/coded-error';

const frame = (bytes: Uint8Array): Buffer => Buffer.concat([encodeFrameHead(bytes.length), bytes]);

describe('frames of the upgrade', () => {
  it('give back their data and their end, in whatever pieces they come', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        (data, sizes, hasRead) => {
          const whole = Buffer.concat([...data.map(frame), hasRead ? END_READ_FRAME : END_FRAME]);
          const reader = new FrameReader();
          const taken: Uint8Array[] = [];
          for (let at = 0, step = 0; at < whole.length; step += 1) {
            expect(reader.isEnded).toBe(false);
            const size = sizes[step % sizes.length] ?? 1;
            taken.push(...reader.take(whole.subarray(at, at + size)));
            at += size;
          }
          expect(Buffer.concat(taken).equals(Buffer.concat(data))).toBe(true);
          expect([reader.isEnded, reader.hasReadAll]).toEqual([true, hasRead]);
        },
      ),
    );
  });

  it('are not ended by anything but their end', () => {
    const reader = new FrameReader();
    reader.take(frame(Buffer.from('all but the end')));
    reader.take(END_FRAME.subarray(0, 3));
    expect(reader.isEnded).toBe(false);
  });

  it('are refused behind their end, and when they are too large', () => {
    const reader = new FrameReader();
    expect(codedError(() => reader.take(Buffer.concat([END_FRAME, Buffer.from([0])]))).code).toBe(
      'INVALID_ARGUMENT',
    );
    const other = new FrameReader();
    expect(codedError(() => other.take(Buffer.concat([END_READ_FRAME, END_READ_FRAME]))).code).toBe(
      'INVALID_ARGUMENT',
    );
    const large = Buffer.alloc(4);
    large.writeUInt32BE(LIMITS.frameBytes + 1);
    expect(codedError(() => new FrameReader().take(large)).code).toBe('TOO_LARGE');
    for (const size of [0, -1, 1.5, LIMITS.frameBytes + 1])
      expect(() => encodeFrameHead(size)).toThrow(RangeError);
  });
});
