import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import * as secrets from 'secrets.js-grempe';
import { combineTextShares, exportShareText, parseShareText } from '@eko/protocol/crypto';
import { splitSecret } from '../../../client-sdk/protocol/src/sharing/sharing';
import { encodeHex } from '@eko/protocol/encoding';
import { codedError } from '../../support/coded-error';

const ALL_SIZES = Array.from({ length: 16 }, (_, n) => n + 1).flatMap((shares) =>
  Array.from({ length: shares - 1 }, (_, t) => ({ shares, threshold: t + 2 })),
);
const indicesTo = (shares: number): number[] => Array.from({ length: shares }, (_, i) => i + 1);
const secret32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** One size, a secret, and some threshold of its shares by place, in any order. */
const someCase = fc.constantFrom(...ALL_SIZES).chain(({ shares, threshold }) =>
  fc.record({
    shares: fc.constant(shares),
    threshold: fc.constant(threshold),
    secret: secret32,
    places: fc.shuffledSubarray(
      indicesTo(shares).map((index) => index - 1),
      { minLength: threshold, maxLength: threshold },
    ),
  }),
);

const splitToTexts = (secret: Uint8Array, threshold: number, indices: readonly number[]): string[] =>
  splitSecret(secret, { threshold, indices }, randomBytes).map((bytes, i) =>
    exportShareText({ index: indices[i]!, bytes }),
  );

describe('interchange with secrets.js-grempe', () => {
  it('covers every 2 <= threshold <= shares <= 16', () => {
    expect(ALL_SIZES).toHaveLength(120);
  });

  it.each(ALL_SIZES)('both ways with $threshold of $shares', ({ shares, threshold }) => {
    const secret = Uint8Array.from(randomBytes(32));
    const ours = splitToTexts(secret, threshold, indicesTo(shares));
    expect(secrets.combine(ours.slice(-threshold))).toBe(encodeHex(secret));
    const theirs = secrets.share(encodeHex(secret), shares, threshold);
    expect(combineTextShares(theirs.slice(-threshold).map(parseShareText), threshold)).toEqual(secret);
  });

  it('both ways for any secret and any choice of shares', () => {
    fc.assert(
      fc.property(someCase, ({ shares, threshold, secret, places }) => {
        const ours = splitToTexts(secret, threshold, indicesTo(shares));
        expect(secrets.combine(places.map((place) => ours[place]!))).toBe(encodeHex(secret));
        const theirs = secrets.share(encodeHex(secret), shares, threshold).map(parseShareText);
        expect(
          combineTextShares(
            places.map((place) => theirs[place]!),
            threshold,
          ),
        ).toEqual(secret);
      }),
    );
  });

  it('with secrets of leading zeros, all zeros and all ones', () => {
    for (const secret of [
      new Uint8Array(32),
      new Uint8Array(32).fill(255),
      Uint8Array.from({ length: 32 }, (_, i) => (i < 30 ? 0 : i)),
    ]) {
      expect(secrets.combine(splitToTexts(secret, 3, [1, 2, 3]))).toBe(encodeHex(secret));
      const theirs = secrets.share(encodeHex(secret), 3, 3).map(parseShareText);
      expect(combineTextShares(theirs, 3)).toEqual(secret);
    }
  });

  it('with high indices', () => {
    const secret = Uint8Array.from(randomBytes(32));
    const texts = splitToTexts(secret, 3, [255, 128, 17]);
    expect(secrets.combine(texts)).toBe(encodeHex(secret));
    expect(parseShareText(secrets.newShare(254, texts)).index).toBe(254);
    const extended = [parseShareText(secrets.newShare(254, texts)), ...texts.slice(1).map(parseShareText)];
    expect(combineTextShares(extended, 3)).toEqual(secret);
  });

  it('their texts read and write back unchanged', () => {
    for (const text of secrets.share(encodeHex(randomBytes(32)), 255, 2)) {
      expect(exportShareText(parseShareText(text))).toBe(text);
    }
  });

  it('finds a set of their shares that does not belong together, where they give nonsense', () => {
    const [a, b] = [randomBytes(32), randomBytes(32)].map((secret) => secrets.share(encodeHex(secret), 3, 2));
    const mixed = [a![0]!, b![1]!];
    expect(secrets.combine(mixed)).toMatch(/^[0-9a-f]+$/);
    expect(codedError(() => combineTextShares(mixed.map(parseShareText), 2)).code).toBe('BAD_SHARE');
  });

  it('never lets a share of another field near them: their global state stays', () => {
    expect(codedError(() => parseShareText(`A001${'0'.repeat(95)}`)).code).toBe('INVALID_ARGUMENT');
    expect(secrets.getConfig().bits).toBe(8);
  });
});
