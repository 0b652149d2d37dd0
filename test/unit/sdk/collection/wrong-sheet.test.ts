import {
  LABELS,
  dealingStatement,
  decodeCommitmentSheet,
  encodeCommitmentSheet,
  hashText,
  holdersOf,
  signRecord,
  type CommitmentSheet,
  type SheetEntry,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type DealingContent, type Selection, type WrongSheetProof } from '@eko/protocol/ledger';
import { verifyWrongSheetProof } from '@eko/sdk/node';
import { codedError } from '../../../support/coded-error';
import { Outcome, collect, collectInto } from './collected-keys';
import { newDealtBundle, type DealtBundle } from '../../../support/simulated/dealt-bundle';
import { CHANNEL, INITIATOR } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';

const DEALER = 'dealer-1';

/** The bundle, had its first dealer signed for another sheet, and handed that out. */
function withSheet(bundle: DealtBundle, change: (sheet: Uint8Array) => Uint8Array): DealtBundle {
  const { view, record, nodes } = bundle;
  const dealings = bundle.dealings.map((dealt) => {
    if (dealt.context.dealer !== DEALER) return dealt;
    const sheet = change(dealt.deliveries.get(INITIATOR)!.sheet);
    const { dealer, dealingId, suite, envelopes } = dealt.dealing;
    const content: DealingContent = { dealer, dealingId, suite, sheetHash: hashText(sheet), envelopes };
    const holders = holdersOf(view.bundle, record.selection);
    const statement = dealingStatement({
      channel: CHANNEL,
      bundle: view.bundle,
      epoch: 1,
      fence: record.fence,
      holders,
      dealing: content,
    });
    const signature = signRecord(LABELS.dealingSignature, statement, nodes.get(DEALER)!.sign);
    const deliveries = new Map(
      [...dealt.deliveries].map(([holder, delivery]) => [holder, { ...delivery, dealing: content, sheet }]),
    );
    return { ...dealt, dealing: { ...content, signature }, deliveries };
  });
  const changed = { ...record, dealings: dealings.map(({ dealing }) => dealing) };
  return { ...bundle, dealings, record: changed, view: { ...view, dealings: [changed] } };
}

const edited =
  (edit: (sheet: CommitmentSheet) => CommitmentSheet) =>
  (bytes: Uint8Array): Uint8Array =>
    encodeCommitmentSheet(edit(decodeCommitmentSheet(bytes)));

/** Another choice of columns, of every stream alike. */
function withColumns(
  choose: (entries: readonly SheetEntry[]) => readonly SheetEntry[],
): (sheet: CommitmentSheet) => CommitmentSheet {
  return ({ streams }) => ({
    streams: streams.map((stream) => ({ ...stream, entries: choose(stream.entries) })),
  });
}

const WRONG_SHEETS: readonly (readonly [string, (sheet: Uint8Array) => Uint8Array, string])[] = [
  ['is none', (sheet) => sheet.subarray(0, sheet.length - 1), 'INVALID_COMMITMENTS'],
  ['is of another version', (sheet) => Uint8Array.from([9, ...sheet.subarray(1)]), 'UNSUPPORTED_VERSION'],
  ['lacks a stream', edited(({ streams }) => ({ streams: streams.slice(1) })), 'BAD_DEALING'],
  ['has a stream more', edited(({ streams }) => ({ streams: [...streams, streams[0]!] })), 'BAD_DEALING'],
  ['lacks a holder', edited(withColumns((entries) => entries.slice(1))), 'BAD_DEALING'],
  ['has a holder more', edited(withColumns((entries) => [...entries, entries[0]!])), 'BAD_DEALING'],
];

describe('a recorded sheet', () => {
  const honest = newDealtBundle();
  const known = {
    dealerKey: honest.nodes.get(DEALER)!.record.keys.sign,
    channel: CHANNEL,
    record: honest.record,
    streams: honest.view.bundle.requests.length,
  };

  const recorded = (selection: Selection) => ({ ...known, record: { ...honest.record, selection } });

  const proofOf = async (bundle: DealtBundle, code: string): Promise<WrongSheetProof> => {
    const outcome = new Outcome();
    await expect(collectInto(outcome, bundle, new SimulatedNetwork(INITIATOR, bundle))).rejects.toMatchObject(
      { code },
    );
    const [proof] = outcome.proofs;
    if (proof?.kind !== 'wrong-sheet') throw new Error('no proof');
    return proof;
  };

  it.each(WRONG_SHEETS)('that %s convicts its dealer, to whoever has the draw', async (_, change, code) => {
    const proof = await proofOf(withSheet(honest, change), code);
    expect(verifyWrongSheetProof(proof, known)).toBe(DEALER);
    const { dealerKey } = { dealerKey: honest.nodes.get('dealer-2')!.record.keys.sign };
    expect(codedError(() => verifyWrongSheetProof(proof, { ...known, dealerKey })).code).toBe(
      'BAD_SIGNATURE',
    );
  });

  it('that is as it should be convicts nobody, by whatever draw, policy or sheet is shown with it', async () => {
    const { proofs } = await collect(honest, new SimulatedNetwork(INITIATOR, honest));
    expect(proofs).toEqual([]);
    const wrong = await proofOf(
      withSheet(honest, (sheet) => sheet.subarray(1)),
      'UNSUPPORTED_VERSION',
    );
    const { dealing, deliveries } = honest.dealings.find(({ context }) => context.dealer === DEALER)!;
    const sound: WrongSheetProof = {
      ...wrong,
      dealing: { ...wrong.dealing, dealing, sheet: encodeBase64Url(deliveries.get(INITIATOR)!.sheet) },
    };
    const { selection } = honest.record;
    const other: Selection = { ...selection, witnesses: [...selection.witnesses.slice(1), 'witness-9'] };
    const flat = { ...sound.policy, witnesses: { ...sound.policy.witnesses, witnessesCanVerify: true } };
    for (const [proof, drawn] of [
      [sound, selection],
      [sound, other],
      [{ ...sound, policy: flat }, selection],
      [{ ...sound, dealing: { ...sound.dealing, sheet: wrong.dealing.sheet } }, selection],
    ] as const)
      expect(codedError(() => verifyWrongSheetProof(proof, recorded(drawn))).code).toBe('BAD_PROOF');
  });

  it('of an assignment that was replaced is no sheet of the draw that came after it', async () => {
    const wrong = await proofOf(
      withSheet(honest, (sheet) => sheet.subarray(1)),
      'UNSUPPORTED_VERSION',
    );
    const { dealing, deliveries } = honest.dealings.find(({ context }) => context.dealer === DEALER)!;
    const complete: WrongSheetProof = {
      ...wrong,
      dealing: { ...wrong.dealing, dealing, sheet: encodeBase64Url(deliveries.get(INITIATOR)!.sheet) },
    };
    const { record } = honest;
    const { selection } = record;
    const later: object[] = [
      // The same witnesses, as a draw of all there are gives them, each in another's place.
      { selection: { ...selection, witnesses: [...selection.witnesses].reverse() } },
      { fence: record.fence + 1 },
      { epoch: record.epoch + 1 },
      { bundleId: '00000000-0000-4000-8000-000000000000' },
    ];
    for (const change of later)
      expect(
        codedError(() => verifyWrongSheetProof(complete, { ...known, record: { ...record, ...change } }))
          .message,
      ).toBe('The dealing is of another draw');
    expect(codedError(() => verifyWrongSheetProof(complete, { ...known, channel: 'another' })).message).toBe(
      'The dealing is of another draw',
    );
  });
});
