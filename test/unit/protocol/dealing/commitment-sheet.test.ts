import fc from 'fast-check';
import { SecretBytes } from '@eko/protocol';
import {
  decodeCommitmentSheet,
  encodeCommitmentSheet,
  shareCommitment,
  sharesOf,
  verifyContribution,
  verifyHolderShares,
  verifyShareAgainstSheet,
  type CommitmentSheet,
  type ShareEntry,
} from '@eko/protocol/crypto';
import { acceptedOr, codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { newSampleDealing } from '../sample-dealing';

const { context, contributions, entries, sheet, sheetBytes } = newSampleDealing(2);
const dealing = { context, sheet };

/** A sheet of any allowed shape. */
const anySheet: fc.Arbitrary<CommitmentSheet> = fc
  .record({ witnesses: fc.integer({ min: 1, max: 16 }), streams: fc.integer({ min: 1, max: 4 }) })
  .chain(({ witnesses, streams }) =>
    fc.record({
      holders: fc.constant(Array.from({ length: witnesses + 2 }, (_, i) => `node-${i}`)),
      streams: fc.array(
        fc.record({
          checkValue: fc.uint8Array({ minLength: 32, maxLength: 32 }),
          entries: fc
            .array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
              minLength: witnesses + 2,
              maxLength: witnesses + 2,
            })
            .map((commitments) =>
              commitments.map((commitment, holder) => ({
                holder,
                shareIndex: Math.max(0, holder - 1),
                commitment,
              })),
            ),
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
    bytes[0] = 2;
    expect(codedError(() => decodeCommitmentSheet(bytes)).code).toBe('UNSUPPORTED_VERSION');
  });

  it('refuses more than the protocol allows before it reads on', () => {
    expect(codedError(() => decodeCommitmentSheet(new Uint8Array(600 * 1024))).code).toBe(
      'INVALID_COMMITMENTS',
    );
    expect(codedError(() => decodeCommitmentSheet(Uint8Array.of(1, 255, 255))).code).toBe(
      'INVALID_COMMITMENTS',
    );
  });

  const [first, second] = [sheet.streams[0]!, sheet.streams[1]!];
  const [a, b, c] = [first.entries[0]!, first.entries[1]!, first.entries[2]!];
  const withEntries = (...listed: (typeof a)[]) => ({
    ...sheet,
    streams: [{ ...first, entries: listed }, second],
  });
  it.each([
    ['no holders', { ...sheet, holders: [] }],
    ['a holder twice', { ...sheet, holders: [...sheet.holders.slice(0, 4), 'witness-1'] }],
    ['a holder that is no node ID', { ...sheet, holders: [...sheet.holders.slice(0, 4), 'Witness 3'] }],
    ['a holder of nothing', { ...sheet, holders: [...sheet.holders, 'witness-9'] }],
    ['no streams', { ...sheet, streams: [] }],
    ['201 streams', { ...sheet, streams: Array.from({ length: 201 }, () => first) }],
    ['a stream without shares', withEntries()],
    ['parties out of order', withEntries(b, a, c)],
    ['a witness before the parties', withEntries(c, a, b)],
    ['a share index twice', withEntries(a, b, c, { ...c, holder: 3 })],
    ['one holder twice in a stream', withEntries(a, b, c, { ...c, shareIndex: 2 })],
    ['an unknown holder', withEntries(a, b, { ...c, holder: 5 })],
    ['share index 256', withEntries(a, b, { ...c, shareIndex: 256 })],
    ['a commitment of 31 bytes', withEntries(a, b, { ...c, commitment: c.commitment.slice(1) })],
    [
      'a check value of 31 bytes',
      { ...sheet, streams: [{ ...first, checkValue: new Uint8Array(31) }, second] },
    ],
  ])('writes no sheet with %s', (_, bad) => {
    expect(codedError(() => encodeCommitmentSheet(bad)).code).toBe('INVALID_COMMITMENTS');
  });
});

describe('shares against their sheet', () => {
  const entry = entries[3]![1]!;
  const other = (patch: Partial<ShareEntry>): ShareEntry => ({ ...entry, ...patch });

  it('accepts every share at its place', () => {
    sheet.holders.forEach((holder, position) => verifyHolderShares(dealing, holder, entries[position]!));
    expect(sharesOf(sheet, 'witness-2').map((place) => place.streamIndex)).toEqual([0, 1]);
  });

  it.each([
    ['another share', other({ share: new SecretBytes('share', new Uint8Array(32)) })],
    ['another salt', other({ salt: new SecretBytes('share salt', new Uint8Array(32)) })],
    ['another stream', other({ streamIndex: 0 })],
    ['a stream that is not dealt', other({ streamIndex: 7 })],
    ['another share index', other({ shareIndex: 3 })],
  ])('refuses %s and names the place', (_, bad) => {
    const error = codedError(() => verifyShareAgainstSheet(dealing, 'witness-2', bad));
    expect(error.code).toBe('BAD_SHARE');
    expect(error.details).toEqual({
      holder: 'witness-2',
      dealer: context.dealer,
      streamIndex: bad.streamIndex,
      shareIndex: bad.shareIndex,
    });
  });

  it('refuses a share of somebody else, and one of nobody', () => {
    for (const holder of ['witness-1', 'nobody']) {
      expect(codedError(() => verifyShareAgainstSheet(dealing, holder, entry)).code).toBe('BAD_SHARE');
    }
  });

  it('refuses an envelope that lacks a share', () => {
    const error = codedError(() => verifyHolderShares(dealing, 'witness-2', entries[3]!.slice(0, 1)));
    expect(error.code).toBe('BAD_SHARE');
    expect(error.details).toMatchObject({ holder: 'witness-2', streamIndex: 1, shareIndex: 2 });
  });

  it('binds a commitment to every field of the dealing', () => {
    const commitment = shareCommitment(context, 'witness-2', entry);
    for (const field of [
      'channel',
      'bundleId',
      'requestTxId',
      'policyHash',
      'dealer',
      'dealingId',
    ] as const) {
      const changed = { ...context, [field]: `${context[field]}x` };
      expect(shareCommitment(changed, 'witness-2', entry)).not.toEqual(commitment);
    }
    expect(shareCommitment({ ...context, epoch: 2 }, 'witness-2', entry)).not.toEqual(commitment);
  });

  it('hides equal shares: with another salt the commitment is another', () => {
    const salted = other({ salt: new SecretBytes('share salt', new Uint8Array(32).fill(1)) });
    expect(shareCommitment(context, 'witness-2', salted)).not.toEqual(
      shareCommitment(context, 'witness-2', entry),
    );
  });

  it('names the dealer whose contribution is not the published one', () => {
    contributions.forEach((contribution, index) => verifyContribution(dealing, index, contribution));
    const error = codedError(() => verifyContribution(dealing, 0, contributions[1]!));
    expect(error.code).toBe('BAD_DEALING');
    expect(error.details).toEqual({ dealer: context.dealer, streamIndex: 0 });
    expect(codedError(() => verifyContribution(dealing, 9, contributions[1]!)).code).toBe('BAD_DEALING');
  });
});
