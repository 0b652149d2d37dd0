import fc from 'fast-check';
import { combineTextShares, exportShareText, parseShareText } from '@eko/protocol/crypto';
import { splitSecret } from '../../../../client-sdk/protocol/src/sharing/sharing';
import { acceptedOr, codedError } from '../../../support/coded-error';
import { seededBytes } from '../../../support/random';

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => 5 * i);
const share = { index: 0xab, bytes: SECRET };
const TEXT = `8ab${'00'.repeat(15)}01${Buffer.from(SECRET).toString('hex')}`;

describe('share text', () => {
  it('is the field, the index, the padding with its marker, and the share', () => {
    expect(exportShareText(share)).toBe(TEXT);
    expect(TEXT).toHaveLength(99);
  });

  it('reads back what it writes', () => {
    const parsed = parseShareText(TEXT);
    expect(parsed).toMatchObject(share);
    expect(exportShareText(parsed)).toBe(TEXT);
  });

  it.each([
    ['nothing', ''],
    ['another field', TEXT.replace('8', 'a')],
    ['the largest field', `K00001${TEXT.slice(6)}`],
    ['upper-case digits', TEXT.toUpperCase()],
    ['index 0', `800${TEXT.slice(3)}`],
    ['a digit less', TEXT.slice(0, -1)],
    ['two digits less', TEXT.slice(0, -2)],
    ['a digit more', `${TEXT}0`],
    ['a line feed', `${TEXT.slice(0, -1)}\n`],
    ['a sign', `8-1${TEXT.slice(3)}`],
    ['400,000 digits', `801${'0'.repeat(400_000)}`],
  ])('refuses %s', (_, text) => {
    const error = codedError(() => parseShareText(text));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).not.toContain(TEXT.slice(40, 60));
  });

  it('accepts no change except to another share text', () => {
    fc.assert(
      fc.property(fc.nat(98), fc.nat(2), fc.string({ unit: 'binary', maxLength: 2 }), (at, cut, insert) => {
        const changed = TEXT.slice(0, at) + insert + TEXT.slice(at + cut);
        const parsed = acceptedOr(() => parseShareText(changed));
        if (parsed !== undefined) expect(exportShareText(parsed)).toBe(changed);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses to write another size or index', () => {
    for (const wrong of [
      { index: 1, bytes: SECRET.slice(1) },
      { index: 0, bytes: SECRET },
      { index: 256, bytes: SECRET },
      { index: 1, bytes: SECRET, padding: new Uint8Array(15) },
    ]) {
      expect(codedError(() => exportShareText(wrong)).code).toBe('INVALID_ARGUMENT');
    }
  });

  it('combines, and refuses shares whose marker is not whole', () => {
    const parts = splitSecret(SECRET, { threshold: 2, indices: [1, 2, 3] }, seededBytes(2));
    const parsed = parts.map((bytes, i) => parseShareText(exportShareText({ index: i + 1, bytes })));
    expect(combineTextShares(parsed.slice(1), 2)).toEqual(SECRET);
    const broken = { ...parsed[0]!, padding: new Uint8Array(16) };
    expect(codedError(() => combineTextShares([broken, parsed[1]!], 2)).code).toBe('BAD_SHARE');
    expect(codedError(() => combineTextShares(parsed.slice(2), 2)).code).toBe('NOT_ENOUGH_SHARES');
  });
});
