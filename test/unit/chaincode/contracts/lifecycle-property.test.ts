import { LIMITS } from '@eko/protocol';
import {
  TRANSACTIONS,
  streamEndOf,
  streamStateOf,
  type AssignmentRecord,
  type BundleView,
  type TransactionName,
} from '@eko/protocol/ledger';
import type { HarnessOutcome } from '@eko/embedded-ledger';
import * as fc from 'fast-check';
import { LifecycleModel, type Act, type Actor, type Verdict } from './lifecycle-model';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, register, type TestNetwork } from '../../../support/contracts/test-network';
import { newTestNode, type TestNode } from '../../../support/contracts/test-node';
import {
  acceptanceOf,
  leadOf,
  requestBundle,
  type RequestedBundle,
} from '../../../support/contracts/test-streams';
import { assignmentRecord } from '../../../support/data/ledger-facts';

jest.setTimeout(300_000);

const STREAMS = [0, 1];
const actor = fc.constantFrom<Actor>('initiator', 'provider', 'lead', 'witness', 'stranger');
const streams = fc.constantFrom<'all' | number[]>('all', [0], [1], [0, 1]);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>({ kind: 'accept', by: 'provider' }) },
  { weight: 3, arbitrary: fc.constant<Act>({ kind: 'deal' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('accept', 'decline'), by: actor }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reassign'), by: actor }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('authorize'), by: actor, streams }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end'),
      by: actor,
      streams,
      reason: fc.constantFrom('completed', 'failed', 'expired'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke'), by: actor, streams }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('advance'),
      milliseconds: fc.constantFrom(
        1,
        LIMITS.replacedAfterMs - 1,
        LIMITS.replacedAfterMs,
        LIMITS.clockSkewMs,
        LIMITS.setupLimitMs,
        600_000,
      ),
    }),
  },
);

/** One story that meets every verdict. */
const EVERY_VERDICT: Act[] = [
  { kind: 'accept', by: 'stranger' },
  { kind: 'authorize', by: 'provider', streams: 'all' },
  { kind: 'accept', by: 'provider' },
  { kind: 'accept', by: 'provider' },
  { kind: 'reassign', by: 'lead' },
  { kind: 'deal' },
  { kind: 'deal' },
  { kind: 'revoke', by: 'lead', streams: [1] },
  { kind: 'end', by: 'witness', streams: [1], reason: 'expired' },
];

/** Plays acts against one bundle on the contracts. */
class Player {
  readonly #network: TestNetwork;
  readonly #stranger: TestNode;
  readonly #requested: RequestedBundle;
  /** A stand-in until the provider consents. */
  #assignment: AssignmentRecord;

  constructor(network: TestNetwork, stranger: TestNode, requested: RequestedBundle) {
    this.#network = network;
    this.#stranger = stranger;
    this.#requested = requested;
    const { bundleId } = requested;
    const orchestrators = [network.orchestrators[0]!.nodeId];
    this.#assignment = assignmentRecord({ bundleId, orchestrators });
  }

  async play(act: Exclude<Act, { kind: 'advance' }>): Promise<HarnessOutcome> {
    const { bundleId, bundle } = this.#requested;
    switch (act.kind) {
      case 'accept':
        return this.#accept(act.by);
      case 'decline':
        return this.#submit(act.by, TRANSACTIONS.declineStream, { bundleId });
      case 'deal':
        return this.#submit(
          'lead',
          TRANSACTIONS.recordDealings,
          newRecordDealings(this.#network, bundle, this.#assignment),
        );
      case 'reassign':
        return this.#reassign(act.by);
      case 'authorize':
        return this.#submit(act.by, TRANSACTIONS.authorizeRelease, {
          bundleId,
          epoch: 1,
          streams: act.streams,
        });
      case 'end':
        return this.#submit(act.by, TRANSACTIONS.endStream, {
          bundleId,
          streams: act.streams,
          reason: act.reason,
        });
      case 'revoke':
        return this.#submit(act.by, TRANSACTIONS.revokeStream, { bundleId, streams: act.streams });
    }
  }

  async view(): Promise<BundleView> {
    const { ledger, initiator } = this.#network;
    const { bundleId } = this.#requested;
    const { result } = await ledger.evaluate(initiator.identity, TRANSACTIONS.readBundle, { bundleId });
    return JSON.parse(result) as BundleView;
  }

  async #accept(by: Actor): Promise<HarnessOutcome> {
    const argument = acceptanceOf(this.#network.provider, this.#requested.bundle);
    return this.#assigned(await this.#submit(by, TRANSACTIONS.acceptStream, argument));
  }

  async #assigned(outcome: HarnessOutcome): Promise<HarnessOutcome> {
    this.#assignment = (await this.view()).assignments.at(-1) ?? this.#assignment;
    return outcome;
  }

  async #reassign(by: Actor): Promise<HarnessOutcome> {
    const { fence } = this.#assignment;
    const argument = { bundleId: this.#requested.bundleId, fence };
    return this.#assigned(await this.#submit(by, TRANSACTIONS.reassignOrchestrators, argument));
  }

  #submit(by: Actor, transaction: TransactionName, argument: object): Promise<HarnessOutcome> {
    return this.#network.ledger.submit(this.#nodeOf(by).identity, transaction, argument);
  }

  #nodeOf(by: Actor): TestNode {
    const { initiator, provider, witnesses } = this.#network;
    switch (by) {
      case 'initiator':
        return initiator;
      case 'provider':
        return provider;
      case 'lead':
        return leadOf(this.#network, this.#assignment);
      case 'witness':
        return witnesses[0]!;
      case 'stranger':
        return this.#stranger;
    }
  }
}

function verdictOf({ error, writes, event }: HarnessOutcome): string {
  if (error !== undefined) return error.code;
  const changed = writes.length > 0;
  // A change without an event, or an event without a change, is neither of the two.
  if (changed !== (event !== undefined)) return 'a change without its event';
  return changed ? 'change' : 'same';
}

describe('the life of a bundle', () => {
  it('is what the model says, whatever is tried in whatever order', async () => {
    const network = await newTestNetwork({ orchestrators: 3, witnesses: 4 });
    const stranger = await newTestNode(network.ledger, {
      nodeId: 'stranger',
      role: 'party',
      mspId: 'Org3MSP',
    });
    await register(network.ledger, stranger);
    const seen = new Map<Verdict, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 16, size: 'max' }), async (acts) => {
        const requested = await requestBundle(network);
        const player = new Player(network, stranger, requested);
        const model = new LifecycleModel(network.ledger.nowUnixMs, 600_000);
        for (const next of acts) {
          const expected = model.apply(next);
          seen.set(expected, (seen.get(expected) ?? 0) + 1);
          network.ledger.nowUnixMs = model.nowUnixMs;
          if (next.kind === 'advance') continue;
          const outcome = await player.play(next);
          expect([next, verdictOf(outcome)]).toEqual([next, expected]);
          const view = await player.view();
          model.isWitnessDrawn = view.dealings[0]?.selection.witnesses.includes('witness-0') === true;
          expect(view.assignments.map(({ fence }) => fence)).toEqual(model.fences);
          for (const index of STREAMS) {
            expect(streamStateOf(view, index)).toBe(model.stateOf(index));
            expect(streamEndOf(view, index)?.reason).toBe(model.reasonOf(index));
          }
        }
      }),
      { numRuns: 20, examples: [[EVERY_VERDICT]] },
    );
    expect([...seen.keys()].sort()).toEqual([
      'ALREADY_EXISTS',
      'BAD_STATE',
      'FORBIDDEN',
      'NOT_OVERDUE',
      'STREAM_ENDED',
      'change',
      'same',
    ]);
  });
});
