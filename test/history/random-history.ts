import { LIMITS, type RequestStreams } from '@eko/protocol';
import {
  TRANSACTIONS,
  type AssignmentRecord,
  type Attestation,
  type BundleRecord,
  type DealingsRecord,
  type Destruction,
} from '@eko/protocol/ledger';
import type { HarnessIdentity, HarnessOutcome } from '@eko/embedded-ledger';
import type { ChannelBlock } from '@eko/sdk/node';
import { newAttestation, signedAttestation } from '../support/contracts/test-attestations';
import { newRecordDealings } from '../support/contracts/test-dealings';
import { standingOffer, streamRequest, type TestNetwork } from '../support/contracts/test-network';
import type { TestNode } from '../support/contracts/test-node';
import { acceptanceOf, payloadOf } from '../support/contracts/test-streams';
import { seededRandom, type SeededRandom } from '../support/random';
import { openCastNetwork, type HistoryCast } from './history-cast';
import { HistoryWitness } from './history-witness';
import type { RecordedLog } from './planted-history';
import { blocksOf } from './recorded-blocks';

/** A history that the contracts have made, with the receipts of its witnesses. */
export interface MadeHistory {
  readonly blocks: readonly ChannelBlock[];
  readonly receipts: readonly RecordedLog[];
  readonly nowUnixMs: number;
}

/** A bundle on its way. */
export interface StoryBundle {
  readonly record: BundleRecord;
  assignment?: AssignmentRecord;
  dealt?: DealingsRecord;
  /** `all`, or the streams that have ended. */
  readonly ended: Set<number>;
  isOver: boolean;
}

/** How far honest submitters' clocks are from the peers', where the contract takes it. */
const SKEW_MS = 2_500;

/** Honest people who do what comes to their mind, seeded; the real contracts take it or refuse it. */
export class RandomHistory {
  readonly network: TestNetwork;
  readonly random: SeededRandom;
  readonly witnesses = new Map<string, HistoryWitness>();
  readonly bundles: StoryBundle[] = [];
  readonly #cast: HistoryCast;
  /** Attestations that were handed over and are not submitted yet, or will be once more. */
  #kept: Attestation[] = [];

  private constructor(cast: HistoryCast, network: TestNetwork, random: SeededRandom) {
    this.#cast = cast;
    this.network = network;
    this.random = random;
  }

  static async open(cast: HistoryCast, seed: number): Promise<RandomHistory> {
    const history = new RandomHistory(cast, await openCastNetwork(cast), seededRandom(seed));
    for (const node of cast.witnesses)
      history.witnesses.set(node.nodeId, await HistoryWitness.start(node, history.network.ledger));
    return history;
  }

  /** Makes so many bundles and lets everybody act so many times, then settles what is open. */
  static async make(cast: HistoryCast, seed: number): Promise<MadeHistory> {
    const history = await RandomHistory.open(cast, seed);
    const { random } = history;
    const acts = 15 + random.below(25);
    for (let act = 0; act < acts; act += 1) {
      history.#pass(random.below(4_000));
      if (history.bundles.length === 0 || random.chance(0.1)) await history.#request();
      else if (random.chance(0.08)) await history.#changeRegistry();
      else if (random.chance(0.09)) await history.gather();
      else await history.#act(random.pick(history.bundles));
    }
    for (const bundle of history.bundles)
      if (!bundle.isOver && bundle.dealt === undefined) await history.end(bundle, 'failed', cast.initiator);
    await history.gather();
    return history.made();
  }

  /** What has come of it. */
  async made(): Promise<MadeHistory> {
    const { ledger } = this.network;
    const receipts: RecordedLog[] = [];
    for (const [name, witness] of this.witnesses)
      receipts.push({ name: `${name}.jsonl`, lines: await witness.receipts() });
    const blocks = blocksOf(ledger.steps, () => this.random.chance(0.6));
    return { blocks, receipts, nowUnixMs: ledger.nowUnixMs + 1_000 };
  }

  async submit(
    as: HarnessIdentity,
    transaction: Parameters<TestNetwork['ledger']['submit']>[1],
    argument: object,
  ) {
    const { ledger } = this.network;
    const skewMs = this.random.below(2 * SKEW_MS) - SKEW_MS;
    ledger.nowUnixMs += skewMs;
    ledger.peerAheadMs = -skewMs;
    const outcome = await ledger.submit(as, transaction, argument);
    ledger.nowUnixMs -= skewMs;
    ledger.peerAheadMs = 0;
    return outcome;
  }

  async request(change: Partial<RequestStreams> = {}): Promise<StoryBundle | undefined> {
    const { initiator } = this.#cast;
    const request = streamRequest({ bundleId: uuidOf(this.random), ...change });
    const outcome = await this.submit(initiator.identity, TRANSACTIONS.requestStreams, request);
    if (!isValid(outcome)) return undefined;
    const { bundle: record, assignment } = payloadOf(outcome, 'StreamsRequested');
    const bundle: StoryBundle = { record, ended: new Set(), isOver: false };
    if (assignment !== undefined) bundle.assignment = assignment;
    this.bundles.push(bundle);
    return bundle;
  }

  async accept(bundle: StoryBundle): Promise<void> {
    const { provider } = this.#cast;
    const argument = acceptanceOf(provider, bundle.record);
    const outcome = await this.submit(provider.identity, TRANSACTIONS.acceptStream, argument);
    if (isValid(outcome)) bundle.assignment = payloadOf(outcome, 'StreamsAccepted').assignment;
  }

  async reassign(bundle: StoryBundle): Promise<void> {
    this.#pass(LIMITS.replacedAfterMs + 2 * SKEW_MS);
    const by = this.random.pick([this.#cast.initiator, ...this.#cast.orchestrators]);
    const { bundleId } = bundle.record;
    const argument = { bundleId, fence: bundle.assignment?.fence ?? 0 };
    const outcome = await this.submit(by.identity, TRANSACTIONS.reassignOrchestrators, argument);
    if (isValid(outcome)) bundle.assignment = payloadOf(outcome, 'OrchestratorsReassigned').assignment;
  }

  async deal(bundle: StoryBundle): Promise<void> {
    const { assignment, record } = bundle;
    if (assignment === undefined || bundle.isOver) return;
    const lead = this.#cast.orchestrators.find(({ nodeId }) => nodeId === assignment.orchestrators[0]);
    if (lead === undefined) return;
    const argument = newRecordDealings(this.network, record, assignment);
    const outcome = await this.submit(lead.identity, TRANSACTIONS.recordDealings, argument);
    if (isValid(outcome)) bundle.dealt = payloadOf(outcome, 'DealingsRecorded').record;
  }

  /** A party collects: by the activation, or by a permit of its own; of witnesses, each has that chance to be late. */
  async collect(bundle: StoryBundle, party: TestNode, how: 'first' | 'again', lateChance = 0): Promise<void> {
    const { record, dealt } = bundle;
    if (dealt === undefined || bundle.isOver) return;
    const streams = record.requests.map((_, index) => index).filter((index) => !bundle.ended.has(index));
    let permitTxId = dealt.txId;
    if (how === 'again') {
      const argument = { bundleId: record.bundleId, epoch: 1, streams };
      const outcome = await this.submit(party.identity, TRANSACTIONS.authorizeRelease, argument);
      if (!isValid(outcome)) return;
      permitTxId = outcome.txId;
    } else if (this.network.ledger.nowUnixMs > dealt.atUnixMs + 5_000) return;
    const atUnixMs = this.network.ledger.nowUnixMs + this.random.below(1_000);
    if (atUnixMs >= record.notAfterUnixMs) return;
    for (const witness of this.witnesses.values()) {
      if (this.random.chance(lateChance)) continue;
      await witness.release({
        bundle: record,
        record: dealt,
        permitTxId,
        party: party.nodeId,
        streams,
        atUnixMs,
      });
    }
  }

  async revoke(bundle: StoryBundle, by: HarnessIdentity, streams: 'all' | number[]): Promise<void> {
    const { bundleId } = bundle.record;
    const outcome = await this.submit(by, TRANSACTIONS.revokeStream, { bundleId, streams });
    if (isValid(outcome)) noteEnd(bundle, streams);
  }

  async end(bundle: StoryBundle, reason: 'completed' | 'failed' | 'expired', by: TestNode): Promise<void> {
    const { bundleId } = bundle.record;
    const outcome = await this.submit(by.identity, TRANSACTIONS.endStream, {
      bundleId,
      streams: 'all',
      reason,
    });
    if (isValid(outcome)) noteEnd(bundle, 'all');
  }

  /** Whoever may have held something of what has ended says that it is gone. */
  async attest(bundle: StoryBundle): Promise<void> {
    const streams: 'all' | number[] = bundle.isOver ? 'all' : [...bundle.ended].sort((a, b) => a - b);
    if (streams.length === 0) return;
    const { bundleId } = bundle.record;
    const destruction = { bundleId, epoch: 1, streams };
    const { initiator, provider, orchestrators } = this.#cast;
    const others = [initiator, provider, ...orchestrators];
    const by = this.random.pick([...others, ...this.witnesses.values()]);
    if (this.random.chance(0.5)) this.#kept.push(attestationBy(by, destruction));
    else if (by instanceof HistoryWitness) await by.attest(destruction);
    else await this.submit(by.identity, TRANSACTIONS.attestDestruction, newAttestation(by, [destruction]));
  }

  /** Somebody submits what was handed over so far, in any order, and now and then once more. */
  async gather(): Promise<void> {
    const { initiator, provider, orchestrators } = this.#cast;
    const attestations = this.#kept.filter(() => this.random.chance(0.7)).reverse();
    if (attestations.length === 0) return;
    if (this.random.chance(0.8)) this.#kept = this.#kept.filter((each) => !attestations.includes(each));
    const by = this.random.pick([...orchestrators, initiator, provider]);
    await this.submit(by.identity, TRANSACTIONS.attestDestruction, { attestations });
  }

  /** Everybody who held something of these streams says that it is gone; of a whole bundle by the hand of one dealer. */
  async attestAll(bundle: StoryBundle, streams: 'all' | number[]): Promise<void> {
    const { record, dealt, assignment } = bundle;
    const destruction = { bundleId: record.bundleId, epoch: 1, streams };
    const { initiator, provider, orchestrators } = this.#cast;
    const dealers = orchestrators.filter(({ nodeId }) => assignment?.orchestrators.includes(nodeId));
    const drawn = [...this.witnesses].flatMap(([nodeId, witness]) =>
      dealt?.selection.witnesses.includes(nodeId) === true ? [witness] : [],
    );
    if (streams === 'all') {
      const holders = [initiator, provider, ...dealers, ...drawn];
      const attestations = holders.map((holder) => attestationBy(holder, destruction));
      await this.submit((dealers[0] ?? initiator).identity, TRANSACTIONS.attestDestruction, { attestations });
      return;
    }
    for (const by of [initiator, provider, ...dealers])
      await this.submit(by.identity, TRANSACTIONS.attestDestruction, newAttestation(by, [destruction]));
    for (const witness of drawn) await witness.attest(destruction);
  }

  async #request(): Promise<void> {
    const { random } = this;
    const { orchestrators } = this.network;
    const count = 1 + random.below(4);
    await this.request({
      requests: Array.from({ length: 1 + random.below(3) }, () => ({
        dataType: random.pick(['telemetry', 'video']),
        permissions: random.pick([['read'], ['read', 'write']]),
      })),
      policy: {
        provider: 'provider',
        durationSeconds: random.pick([10, 60, 600, 600, 3_600, 3_600]),
        witnesses: {
          count,
          quorum: 1 + random.below(count),
          witnessesCanVerify: false,
          maxPerOrg: 1 + random.below(3),
          ...(random.chance(0.2) ? { tags: ['tested'] } : {}),
        },
        dealers: 1 + random.below(orchestrators.length),
        onLedgerLoss: random.pick(['close', 'continue']),
      },
    });
  }

  async #act(bundle: StoryBundle): Promise<void> {
    const { random } = this;
    const { initiator, provider, orchestrators, stranger, admins } = this.#cast;
    const party = random.pick([initiator, provider]);
    const someone = random.pick([initiator, provider, stranger, ...orchestrators]);
    const streams = random.chance(0.5) ? ('all' as const) : [random.below(bundle.record.requests.length)];
    const { bundleId } = bundle.record;
    // What is likely to come next comes more often; what is refused leaves no trace.
    if (bundle.isOver || random.chance(0.1)) await this.attest(bundle);
    else if (bundle.assignment === undefined) {
      if (random.chance(0.8)) await this.accept(bundle);
      else {
        const outcome = await this.submit(provider.identity, TRANSACTIONS.declineStream, { bundleId });
        if (isValid(outcome)) noteEnd(bundle, 'all');
      }
    } else if (bundle.dealt === undefined) {
      await random.pick([
        () => this.deal(bundle),
        () => this.deal(bundle),
        () => this.deal(bundle),
        () => this.reassign(bundle),
        () => this.revoke(bundle, someone.identity, 'all'),
        () => this.end(bundle, 'failed', someone),
      ])();
    } else {
      await random.pick([
        () => this.collect(bundle, party, 'first', 0.2),
        () => this.collect(bundle, party, 'again', 0.2),
        () => this.collect(bundle, party, 'again', 0.2),
        () => this.#overtaken(bundle, party),
        () => this.revoke(bundle, someone.identity, streams),
        () => this.revoke(bundle, random.pick([...admins.values()]), streams),
        () => this.end(bundle, 'completed', someone),
        () => this.#expire(bundle, random.pick([initiator, ...orchestrators])),
        () => this.attest(bundle),
      ])();
    }
  }

  /** A permit that is ordered after an end which it had not seen. */
  async #overtaken(bundle: StoryBundle, party: TestNode): Promise<void> {
    const { ledger } = this.network;
    const { bundleId } = bundle.record;
    const argument = { bundleId, epoch: 1, streams: [0] };
    const nowUnixMs = ledger.nowUnixMs;
    const prepared = await ledger.prepare(party.identity, TRANSACTIONS.authorizeRelease, argument);
    if (prepared.outcome.error !== undefined) return;
    await this.revoke(bundle, party.identity, [0]);
    const outcome = prepared.commit();
    ledger.steps.push({
      as: party.identity,
      transaction: TRANSACTIONS.authorizeRelease,
      argument: '',
      nowUnixMs,
      outcome,
    });
  }

  async #expire(bundle: StoryBundle, by: TestNode): Promise<void> {
    if (bundle.record.policy.durationSeconds > 60) return;
    this.#pass(bundle.record.notAfterUnixMs + LIMITS.clockSkewMs + SKEW_MS - this.network.ledger.nowUnixMs);
    await this.end(bundle, 'expired', by);
  }

  async #changeRegistry(): Promise<void> {
    const { random } = this;
    const { provider } = this.#cast;
    const witness = random.pick([...this.witnesses.values()]);
    await random.pick([
      () =>
        this.submit(provider.identity, TRANSACTIONS.publishOffer, {
          nodeId: provider.nodeId,
          offer: standingOffer({ minDealers: 1, minQuorum: 1, maxPerOrg: 1 + random.below(3) }),
        }),
      () =>
        this.submit(provider.identity, TRANSACTIONS.withdrawOffer, {
          nodeId: provider.nodeId,
          offerId: 'standing',
        }),
      () => witness.beat(),
      () => this.submit(witness.node.identity, TRANSACTIONS.retireNode, { nodeId: witness.node.nodeId }),
    ])();
  }

  #pass(milliseconds: number): void {
    if (milliseconds > 0) this.network.ledger.advance(milliseconds);
  }
}

const attestationBy = (by: TestNode | HistoryWitness, destruction: Destruction): Attestation =>
  by instanceof HistoryWitness ? by.attestation(destruction) : signedAttestation(by, [destruction]);

const isValid = ({ error, commitCode, event }: HarnessOutcome): boolean =>
  error === undefined && commitCode === 'VALID' && event !== undefined;

function noteEnd(bundle: StoryBundle, streams: 'all' | readonly number[]): void {
  if (streams === 'all') bundle.isOver = true;
  else for (const index of streams) bundle.ended.add(index);
  if (bundle.ended.size === bundle.record.requests.length) bundle.isOver = true;
}

function uuidOf(random: SeededRandom): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
