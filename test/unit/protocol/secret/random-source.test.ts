import { drawRandom, type RandomSource } from '@eko/protocol/crypto';
import { codedError } from '../../../support/coded-error';
import { preparedBytes } from '../../../support/random';

/** A source that gives one prepared draw after the other. */
function drawsOf(...draws: readonly ((length: number) => Uint8Array)[]): RandomSource {
  const left = [...draws];
  return (length) => {
    const next = left.shift();
    if (next === undefined) throw new Error('one draw too many');
    return next(length);
  };
}

const stuckAt =
  (value: number): RandomSource =>
  (length) =>
    new Uint8Array(length).fill(value);

describe('drawRandom', () => {
  it('gives as many bytes as asked, from their beginning', () => {
    expect(drawRandom(preparedBytes(9, 8, 7), 2)).toEqual(Uint8Array.of(9, 8));
    expect(drawRandom(preparedBytes(9), 40)).toHaveLength(40);
    expect(drawRandom(preparedBytes(9), 0)).toHaveLength(0);
  });

  it('wipes what it drew beyond that, but not what it gives, for a Buffer too', () => {
    let drawn = Buffer.alloc(0);
    const given = drawRandom((length) => (drawn = Buffer.from(Array.from({ length }, (_, i) => i + 1))), 3);
    expect(given).toEqual(Uint8Array.of(1, 2, 3));
    expect(drawn.every((byte) => byte === 0)).toBe(true);
  });

  it.each([0, 1, 255])('fails when the source is stuck at %d', (value) => {
    for (const length of [1, 32, 64]) {
      expect(codedError(() => drawRandom(stuckAt(value), length)).code).toBe('RNG_FAILED');
    }
  });

  it('forgives one draw of equal bytes', () => {
    expect(drawRandom(drawsOf(stuckAt(0), preparedBytes(5)), 32)[0]).toBe(5);
    expect(codedError(() => drawRandom(drawsOf(stuckAt(0), stuckAt(7)), 32)).code).toBe('RNG_FAILED');
  });

  it('fails when the source gives another size', () => {
    expect(codedError(() => drawRandom(() => Uint8Array.of(1, 2), 32)).code).toBe('RNG_FAILED');
  });
});
