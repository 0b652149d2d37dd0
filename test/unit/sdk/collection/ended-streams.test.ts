import fc from 'fast-check';
import { type SecretBytes } from '@eko/protocol';
import {
  OpenedRelease,
  coverOf,
  decodeCommitmentSheet,
  deriveTreeLeaves,
  deriveTreeNodes,
  leavesBelow,
  type TreeNode,
} from '@eko/protocol/crypto';
import { type BundleView, type EndRecord } from '@eko/protocol/ledger';
import { newCollectionTask } from '@eko/sdk/node';
import type { OwnDealing } from '../../../../client-sdk/sdk/src/collection/own-dealing';
import { StreamCombiner } from '../../../../client-sdk/sdk/src/collection/stream-combiner';
import { WitnessAnswer } from '../../../../client-sdk/sdk/src/collection/witness-answer';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { txIdOf } from '../../../support/simulated/fake-ledger';
import {
  CHANNEL,
  INITIATOR,
  PROVIDER,
  type SimulatedDealing,
} from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';
import { Outcome, collectInto } from './collected-keys';

const STREAMS = 5;
const WITNESSES = ['witness-1', 'witness-2'];
const bundle = newDealtBundle({ streams: STREAMS, witnesses: 2, count: 2, quorum: 2 });
const task = newCollectionTask({ channel: CHANNEL, view: bundle.view, epoch: 1, party: INITIATOR });
const RECEIPT = {
  receipt: {
    ...{ channel: CHANNEL, witness: 'witness-1', party: INITIATOR, bundleId: bundle.view.bundle.bundleId },
    ...{
      epoch: 1,
      fence: 0,
      activationTxId: bundle.record.txId,
      permitTxId: bundle.record.txId,
      streams: [0],
    },
    ...{ entriesHash: '', sequence: 1, previousHash: '', atUnixMs: 1 },
  },
  signature: '',
};

function rootOf({ roots }: SimulatedDealing, holder: string): TreeNode {
  const root = roots.get(holder);
  if (root === undefined) throw new RangeError(`${holder} is no holder`);
  return root;
}

const ownDealings = (): readonly OwnDealing[] =>
  bundle.dealings.map((of) => {
    const sheet = of.deliveries.get(INITIATOR)?.sheet ?? new Uint8Array();
    const checked = { context: of.context, holders: task.holders, sheet: decodeCommitmentSheet(sheet) };
    return {
      dealing: of.dealing,
      checked,
      sheet,
      leaves: deriveTreeLeaves([rootOf(of, INITIATOR)], STREAMS),
    };
  });

const releaseOf = (witness: string, streams: readonly number[]): OpenedRelease =>
  new OpenedRelease(
    bundle.dealings.map((of) => ({
      dealer: of.context.dealer,
      nodes: deriveTreeNodes(
        [rootOf(of, witness)],
        coverOf(STREAMS, (index) => streams.includes(index)),
      ),
    })),
  );

const answerOf = (witness: string, opened: OpenedRelease): WitnessAnswer =>
  new WitnessAnswer(witness, RECEIPT, opened, []);

const endOfStream = (index: number): EndRecord => ({
  bundleId: bundle.view.bundle.bundleId,
  index,
  reason: 'revoked',
  by: PROVIDER,
  txId: txIdOf(`end ${index}`),
  atUnixMs: 1,
});

const hex = (secret: SecretBytes): string => secret.use((bytes) => Buffer.from(bytes).toString('hex'));

/** What happens while keys are collected: a witness gives some streams, or one ends. */
type Step =
  | { readonly kind: 'answer'; readonly witness: string; readonly streams: readonly number[] }
  | { readonly kind: 'end'; readonly index: number };

const everyStream = [...bundle.view.bundle.requests.keys()];
/** Each witness gives every stream, in two answers; some streams end; in any order. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.subarray(everyStream),
    fc.subarray(everyStream),
    fc.subarray(everyStream).map((ended) => ended.map((index): Step => ({ kind: 'end', index }))),
  )
  .chain(([one, other, ends]) => {
    const answers = [one, other].flatMap((first, at): Step[] => {
      const witness = WITNESSES[at] ?? '';
      const rest = everyStream.filter((index) => !first.includes(index));
      return [first, rest].map((streams) => ({ kind: 'answer', witness, streams }));
    });
    const all = [...answers, ...ends];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

describe('a stream that ends while keys are collected', () => {
  it('leaves nothing above it, in whatever order answers and ends come, and every other stream its key', () => {
    fc.assert(
      fc.property(steps, (inOrder) => {
        const own = ownDealings();
        const combiner = new StreamCombiner(task, own);
        const given: TreeNode[] = [];
        const ended = new Set<number>();
        for (const step of inOrder) {
          if (step.kind === 'end') {
            ended.add(step.index);
            combiner.forget(step.index);
          } else {
            const opened = releaseOf(step.witness, step.streams);
            given.push(...opened.released.flatMap(({ nodes }) => nodes));
            // The combiner knows by itself what has ended.
            combiner.add(answerOf(step.witness, opened), () => true);
          }
          const held = given.filter(({ secret }) => !secret.isDisposed);
          const above = held
            .flatMap((node) => leavesBelow(node, STREAMS))
            .filter((index) => ended.has(index));
          const ofOwn = own.flatMap(({ leaves }) => leaves).filter(({ index }) => ended.has(index));
          expect(above).toEqual([]);
          expect(ofOwn.every(({ secret }) => secret.isDisposed)).toBe(true);
        }
        for (const index of everyStream) {
          if (ended.has(index))
            expect(combiner.combine(index, () => undefined)).toEqual({ kind: 'lacking', have: [] });
          else {
            const combined = combiner.combine(index, () => undefined);
            expect(combined.kind === 'key' && hex(combined.key)).toBe(bundle.epochKeys[index]);
          }
        }
        combiner.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it('leaves no node above it that came before its key was given', async () => {
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'one stream');
    const answers: WitnessAnswer[] = [];
    const add = jest.spyOn(StreamCombiner.prototype, 'add');
    let view: BundleView = bundle.view;
    let askedByThen = Number.POSITIVE_INFINITY;
    const outcome = new Outcome();
    const { key } = outcome;
    outcome.key = (index, secret) => {
      key(index, secret);
      if (index !== 0) return;
      view = { ...view, ends: [endOfStream(0)] };
      askedByThen = network.releases.length;
    };
    const collected = collectInto(outcome, bundle, network, {
      view: () => view,
      authorize: () => {
        const permit = txIdOf(`permit ${network.permits.size}`);
        network.permits.add(permit);
        return Promise.resolve(permit);
      },
    });
    // The third call may begin together with the key; before the next one the run has looked at the ends.
    await network.asked(4);
    expect(network.releases.length).toBeGreaterThan(askedByThen);
    answers.push(...add.mock.calls.map(([answer]) => answer));
    expect(answers.map(({ witness }) => witness).sort()).toEqual(WITNESSES);
    for (const answer of answers) expect(() => answer.leaves(STREAMS)).toThrow('has been disposed of');
    network.faults.delete('witness-1');
    await collected;
    expect([...outcome.keys.keys()].sort()).toEqual(everyStream);
    add.mockRestore();
  });

  it('leaves no leaf of the own envelopes that come after its end', async () => {
    const network = new SimulatedNetwork(INITIATOR, bundle);
    const combine = jest.spyOn(StreamCombiner.prototype, 'combine');
    const forgotten = jest.spyOn(StreamCombiner.prototype, 'forget');
    const outcome = new Outcome();
    const view = { ...bundle.view, ends: [endOfStream(2)] };
    await collectInto(outcome, bundle, network, { view: () => view });
    expect(forgotten.mock.calls).toEqual([[2]]);
    expect(combine.mock.calls.map(([index]) => index)).not.toContain(2);
    expect([...outcome.keys.keys()].sort()).toEqual([0, 1, 3, 4]);
    combine.mockRestore();
    forgotten.mockRestore();
  });
});
