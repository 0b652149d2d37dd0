import {
  coverOf,
  deriveTreeLeaves,
  openReleaseMessage,
  receiptHash,
  type KeyAgreementKey,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { NO_PREVIOUS_RECEIPT } from '../../../../client-sdk/protocol/src/release/receipt';
import type { NewDealing } from '../../../../network/orchestrator/src/core/new-dealing';
import { releaseShares } from '../../../../network/witness/src/service/release-shares';
import { ShareStore } from '../../../../network/witness/src/service/share-store';
import { endRecord, nodeRecord } from '../../../support/data/ledger-facts';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const WITNESS = 'witness-a';
const NEVER = new AbortController().signal;

/** Leaves by stream, in hex. */
type Leaves = ReadonlyMap<number, string>;

const hexOf = ({ secret }: TreeLeaf): string => secret.use((bytes) => Buffer.from(bytes).toString('hex'));
const leavesOf = (leaves: readonly TreeLeaf[]): Leaves =>
  new Map(leaves.map((leaf) => [leaf.index, hexOf(leaf)]));
const those = (leaves: Leaves, isWanted: (index: number) => boolean): Leaves =>
  new Map([...leaves].filter(([index]) => isWanted(index)));
const subsetsOf = (streams: number): readonly (readonly number[])[] =>
  Array.from({ length: 2 ** streams }, (_, set) =>
    Array.from({ length: streams }, (__, index) => index).filter((index) => ((set >>> index) & 1) === 1),
  );

/** A witness with the recorded dealing of a bundle, and what its dealer gave it. */
async function holding(streams: number) {
  const witness = await WitnessHarness.open(streams);
  const dealt = await witness.deal();
  await witness.take(witness.delivery(dealt));
  const record = witness.recordOf(dealt);
  await witness.see({ name: 'DealingsRecorded', payload: { record } });
  return { witness, given: givenTo(witness, dealt, streams), permitTxId: record.txId };
}

function givenTo(witness: WitnessHarness, dealt: NewDealing, streams: number): Leaves {
  return leavesOf(deriveTreeLeaves([witness.rootOf(dealt)], streams));
}

/** What somebody who reads the witness's disk can compute. */
async function onDisk({ shares, state, sample }: WitnessHarness, streams: number): Promise<Leaves> {
  const [dealing, ...others] = state.held;
  expect(others).toEqual([]);
  const nodes =
    dealing === undefined
      ? []
      : await new ShareStore(shares).get(sample.bundle.bundleId, dealing, dealing.nodes);
  // Whatever lies there, the book speaks for it.
  expect(shares.names).toHaveLength(dealing?.nodes.length ?? 0);
  return leavesOf(deriveTreeLeaves(nodes ?? [], streams));
}

/** What the initiator gets out of a release, and of how many nodes. */
async function released(
  witness: WitnessHarness,
  permitTxId: string,
  asked: readonly number[],
  streams: number,
): Promise<{ readonly leaves: Leaves; readonly nodes: number }> {
  const { book, shares, ledger, sample, turns } = witness;
  const { bundleId, initiator } = sample.bundle;
  const { receipt, sealed } = await releaseShares(
    {
      nodeId: WITNESS,
      channel: ledger.channel,
      primitives: nodeHpkePrimitives,
      book,
      shares: new ShareStore(shares),
      turns,
      receipts: {
        append: (unsigned) =>
          Promise.resolve({
            receipt: { ...unsigned, sequence: 1, previousHash: NO_PREVIOUS_RECEIPT },
            signature: '',
          }),
      },
      bounds: { permitLifetimeMs: 60_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 },
      moment: () => ({
        monotonicMs: 1,
        unixMs: 1_000_700,
        beat: { seenAtMonotonicMs: 1, atUnixMs: 1_000_700 },
      }),
      freshen: () => Promise.resolve(),
      eventWaitMs: 0,
    },
    nodeRecord(initiator, 'party', { kem: sample.holderKey(initiator) }),
    { bundleId, epoch: 1, streams: [...asked], permitTxId },
    NEVER,
  );
  using opened = openReleaseMessage(
    {
      context: {
        channel: ledger.channel,
        bundleId,
        epoch: 1,
        witness: WITNESS,
        party: initiator,
        permitTxId,
      },
      partyKey: sample.keys.get(initiator) as KeyAgreementKey,
      receiptHash: receiptHash(receipt),
      sealed,
    },
    nodeHpkePrimitives,
  );
  const [of] = opened.released;
  return { leaves: leavesOf(deriveTreeLeaves(of?.nodes ?? [], streams)), nodes: of?.nodes.length ?? 0 };
}

const see = (witness: WitnessHarness, indices: readonly number[]): Promise<void> =>
  witness.see({
    name: 'StreamsEnded',
    payload: { ends: indices.map((index) => endRecord({ index })) },
  });

/** Lets streams end, in the ways in which the ledger may tell of it. */
const WAYS: readonly (readonly [
  string,
  (witness: WitnessHarness, ended: readonly number[]) => Promise<void>,
])[] = [
  ['at once', async (witness, ended) => (ended.length === 0 ? undefined : see(witness, ended))],
  [
    'one after the other',
    async (witness, ended) => {
      for (const index of ended) await see(witness, [index]);
    },
  ],
  [
    'from the last to the first, with a start after each',
    async (witness, ended) => {
      for (const index of [...ended].reverse()) {
        await see(witness, [index]);
        await witness.restart();
      }
    },
  ],
];

describe.each([1, 2, 3, 5])('of every subset of ends of %d streams', (streams) => {
  it.each(WAYS)('that come %s a witness holds exactly the others, as they were dealt', async (_, end) => {
    for (const ended of subsetsOf(streams)) {
      const { witness, given } = await holding(streams);
      await end(witness, ended);
      const isLiving = (index: number): boolean => !ended.includes(index);
      expect(await onDisk(witness, streams)).toEqual(those(given, isLiving));
      expect(witness.shares.names).toHaveLength(coverOf(streams, isLiving).length);
    }
  });
});

it('a witness releases of what lives exactly what is asked for, for every subset of both', async () => {
  const streams = 4;
  for (const ended of subsetsOf(streams)) {
    for (const asked of subsetsOf(streams)) {
      if (asked.length === 0 || asked.some((index) => ended.includes(index))) continue;
      const { witness, given, permitTxId } = await holding(streams);
      await see(witness, ended);
      const isAsked = (index: number): boolean => asked.includes(index);
      expect(await released(witness, permitTxId, asked, streams)).toEqual({
        leaves: those(given, isAsked),
        nodes: coverOf(streams, isAsked).length,
      });
    }
  }
});
