import fc from 'fast-check';
import {
  decodeCommitmentSheet,
  encodeCommitmentSheet,
  isSheetOf,
  shareBySheet,
  verifyContribution,
  verifyLeafAgainstSheet,
  type CommitmentSheet,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { acceptedOr, codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { newSampleDealing } from '../sample-dealing';

const { context, contributions, leaves, shares, sheet, sheetBytes, checked } = newSampleDealing(2);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** A sheet of any allowed shape. */
const anySheet: fc.Arbitrary<CommitmentSheet> = fc
  .record({ holders: fc.integer({ min: 3, max: 18 }), streams: fc.integer({ min: 1, max: 4 }) })
  .chain(({ holders, streams }) =>
    fc.record({
      streams: fc.array(
        fc.record({
          checkValue: bytes32,
          entries: fc.array(fc.record({ correction: bytes32, commitment: bytes32 }), {
            minLength: holders,
            maxLength: holders,
          }),
        }),
        { minLength: streams, maxLength: streams },
      ),
    }),
  );

describe('commitment sheet', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anySheet, (made) => {
        const bytes = encodeCommitmentSheet(made);
        expect(decodeCommitmentSheet(bytes)).toEqual(made);
      }),
      { numRuns: 50 },
    );
  });

  it('has one form: whatever else it reads encodes to the very same bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sheetBytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Uint8Array.from(sheetBytes);
          for (const [at, value] of changes) bytes[at] = value;
          const read = acceptedOr(() => decodeCommitmentSheet(bytes));
          if (read !== undefined) expect(encodeCommitmentSheet(read)).toEqual(bytes);
        },
      ),
    );
  });

  it('refuses every cut, and never crashes on a flip', () => {
    for (const bytes of wrongLengths(sheetBytes)) {
      expect(['INVALID_COMMITMENTS', 'UNSUPPORTED_VERSION']).toContain(
        codedError(() => decodeCommitmentSheet(bytes)).code,
      );
    }
    for (const bytes of flippedAtEveryByte(sheetBytes)) acceptedOr(() => decodeCommitmentSheet(bytes));
  });

  it('does not follow later changes of the message', () => {
    const message = Uint8Array.from(sheetBytes);
    const read = decodeCommitmentSheet(message);
    message.fill(0);
    expect(read).toEqual(sheet);
  });

  it('refuses another version by name', () => {
    const bytes = Uint8Array.from(sheetBytes);
    bytes[0] = 1;
    expect(codedError(() => decodeCommitmentSheet(bytes)).code).toBe('UNSUPPORTED_VERSION');
  });

  it('refuses more than the protocol allows before it reads on', () => {
    expect(codedError(() => decodeCommitmentSheet(new Uint8Array(600 * 1024))).code).toBe(
      'INVALID_COMMITMENTS',
    );
    expect(codedError(() => decodeCommitmentSheet(Uint8Array.of(2, 18, 255, 255))).code).toBe(
      'INVALID_COMMITMENTS',
    );
  });

  it('has a row for each stream, and in each a column for each holder', () => {
    expect(isSheetOf(sheet, { streams: 2, holders: 5 })).toBe(true);
    for (const size of [
      { streams: 1, holders: 5 },
      { streams: 3, holders: 5 },
      { streams: 2, holders: 4 },
      { streams: 2, holders: 6 },
    ])
      expect(isSheetOf(sheet, size)).toBe(false);
  });

  const [first, second] = [sheet.streams[0]!, sheet.streams[1]!];
  const [a, b, ...others] = first.entries;
  if (a === undefined || b === undefined) throw new Error('the sample has five holders');
  const withEntries = (...listed: (typeof a)[]) => ({ streams: [{ ...first, entries: listed }, second] });
  const short = (bytes: Uint8Array): Uint8Array => bytes.slice(1);
  it.each([
    ['no streams', { streams: [] }],
    ['201 streams', { streams: Array.from({ length: 201 }, () => first) }],
    ['two holders', { streams: [{ ...first, entries: [a, b] }] }],
    ['19 holders', { streams: [{ ...first, entries: Array.from({ length: 19 }, () => a) }] }],
    ['a holder less of one stream', withEntries(a, b, ...others.slice(1))],
    ['a holder more of one stream', withEntries(a, a, b, ...others)],
    ['a commitment of 31 bytes', withEntries({ ...a, commitment: short(a.commitment) }, b, ...others)],
    ['a correction of 31 bytes', withEntries({ ...a, correction: short(a.correction) }, b, ...others)],
    ['a check value of 31 bytes', { streams: [{ ...first, checkValue: short(first.checkValue) }, second] }],
  ])('writes no sheet with %s', (_, bad) => {
    expect(codedError(() => encodeCommitmentSheet(bad)).code).toBe('INVALID_COMMITMENTS');
  });

  it.each([
    ['two holders', [2, 2, 0, 1]],
    ['19 holders', [2, 19, 0, 1]],
    ['no streams', [2, 3, 0, 0]],
    ['201 streams', [2, 3, 0, 201]],
  ])('reads no sheet with %s, whatever follows', (_, head) => {
    const [, holders = 0, , streams = 0] = head;
    const bytes = Uint8Array.from([...head, ...new Uint8Array(32 * streams * (1 + 2 * holders))]);
    expect(codedError(() => decodeCommitmentSheet(bytes)).code).toBe('INVALID_COMMITMENTS');
  });
});

describe('leaves against their sheet', () => {
  const leaf = leaves[3]![1]!;

  it('accepts every leaf at its place, and gives it its share', () => {
    checked.holders.forEach((holder, column) => {
      for (const own of leaves[column]!) {
        expect(() => verifyLeafAgainstSheet(checked, holder, own)).not.toThrow();
        const share = shareBySheet(checked, holder, own).use((bytes) => Uint8Array.from(bytes));
        expect(share).toEqual(shares[column]![own.index]);
      }
    });
  });

  it.each<[string, TreeLeaf]>([
    ['another leaf', { ...leaves[2]![1]!, index: 1 }],
    ['the leaf of another stream', { ...leaf, index: 0 }],
    ['a stream that is not dealt', { ...leaf, index: 7 }],
  ])('refuses %s and names the place', (_, bad) => {
    const error = codedError(() => verifyLeafAgainstSheet(checked, 'witness-2', bad));
    expect(error.code).toBe('BAD_SHARE');
    expect(error.details).toEqual({ holder: 'witness-2', dealer: context.dealer, streamIndex: bad.index });
  });

  it('refuses a leaf of somebody else, and one of nobody', () => {
    for (const holder of ['witness-1', 'nobody']) {
      expect(codedError(() => verifyLeafAgainstSheet(checked, holder, leaf)).code).toBe('BAD_SHARE');
    }
    expect(codedError(() => shareBySheet(checked, 'nobody', leaf)).code).toBe('BAD_SHARE');
  });

  it('names the dealer whose contribution is not the published one', () => {
    contributions.forEach((contribution, index) => verifyContribution(checked, index, contribution));
    const error = codedError(() => verifyContribution(checked, 0, contributions[1]!));
    expect(error.code).toBe('BAD_DEALING');
    expect(error.details).toEqual({ dealer: context.dealer, streamIndex: 0 });
    expect(codedError(() => verifyContribution(checked, 9, contributions[1]!)).code).toBe('BAD_DEALING');
  });
});
