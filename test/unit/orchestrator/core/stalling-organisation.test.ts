import { LIMITS } from '@eko/protocol';
import { bundleTermsOf } from '@eko/protocol/ledger';
import { applyLedgerEvent } from '../../../../network/orchestrator/src/core/apply-ledger-event';
import type {
  LeadEffect,
  LeadEvent,
  LeadMoment,
} from '../../../../network/orchestrator/src/core/lead-messages';
import { leadStep } from '../../../../network/orchestrator/src/core/lead-step';
import type { OrchestratorState } from '../../../../network/orchestrator/src/core/orchestrator-state';
import { BUNDLE_ID, bundleRecord, dealingsRecord } from '../../../support/data/ledger-facts';
import { LedgerModel, REQUESTED_AT_UNIX_MS } from '../../../support/simulated/ledger-model';
import { seededRandom, type SeededRandom } from '../../../support/random';

const TIMES = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };
const RUNS = 200;
const TICK_MS = 200;
/** A round trip between two orchestrators, deliveries included. */
const MOST_DELAY_MS = 400;

const nodesOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name}.${n}`);

/** The orchestrators of a network, and which of them never answer and never act, but for the ledger. */
interface Network {
  readonly name: string;
  readonly answering: readonly string[];
  readonly silent: readonly string[];
  readonly dealers: number;
}

const NETWORKS: readonly Network[] = [
  {
    name: 'five organisations, one of which stalls and has 64 orchestrators',
    answering: ['a', 'b', 'c', 'd'].flatMap((name) => nodesOf(name, 1)),
    silent: nodesOf('stalling', 64),
    dealers: 2,
  },
  {
    name: 'the same with three dealers',
    answering: ['a', 'b', 'c', 'd'].flatMap((name) => nodesOf(name, 2)),
    silent: nodesOf('stalling', 64),
    dealers: 3,
  },
  {
    name: 'three organisations, one of which is down',
    answering: ['a', 'b'].flatMap((name) => nodesOf(name, 1)),
    silent: nodesOf('down', 1),
    dealers: 2,
  },
  {
    name: 'one organisation with three orchestrators, one of which is down',
    answering: ['a.0', 'a.1'],
    silent: ['a.2'],
    dealers: 2,
  },
];

interface Report {
  readonly state: LedgerModel['state'];
  readonly fence: number;
  readonly tookMs: number;
}

/** Sets up one bundle: honest cores, silent peers, and a bystander who replaces whomever it can, 3 s ahead of the time. */
function setUp({ answering, silent, dealers }: Network, random: SeededRandom): Report {
  const record = bundleRecord();
  const terms = bundleTermsOf({ ...record, policy: { ...record.policy, dealers } });
  const seed = Uint8Array.from({ length: 32 }, () => random.below(256));
  const ledger = new LedgerModel([...answering, ...silent], undefined, terms, undefined, seed);
  const states = new Map<string, OrchestratorState>();
  const seen = new Map<string, number>();
  let messages: { readonly to: string; readonly dueAtMs: number; readonly event: LeadEvent }[] = [];
  let clockMs = 0;
  const moment = (nodeId: string): LeadMoment => ({
    nodeId,
    monotonicMs: clockMs,
    unixMs: REQUESTED_AT_UNIX_MS + clockMs,
  });
  const feed = (nodeId: string, event: LeadEvent): void => {
    const state = states.get(nodeId);
    if (state === undefined) return;
    const { next, effects } = leadStep(state, event, moment(nodeId), TIMES);
    states.set(nodeId, next);
    for (const effect of effects) perform(nodeId, effect);
  };
  const perform = (nodeId: string, effect: LeadEffect): void => {
    if (effect.kind === 'submitDealings')
      ledger.recordDealings(nodeId, effect.argument, moment(nodeId).unixMs);
    else if (effect.kind === 'reassign') ledger.reassign(effect.argument.fence, moment(nodeId).unixMs);
    else if (effect.kind === 'end') ledger.end();
    else if (answering.includes(effect.peer)) {
      if (effect.peer !== nodeId) feed(effect.peer, { kind: 'asked', by: nodeId });
      const dueAtMs = clockMs + 5 + random.below(MOST_DELAY_MS);
      messages.push({ to: nodeId, dueAtMs, event: answerTo(effect) });
    }
  };
  while (ledger.state === 'accepted' && clockMs < TIMES.setupMs + 30_000) {
    clockMs += TICK_MS;
    if (silent.length > 1) ledger.reassign(ledger.fence, REQUESTED_AT_UNIX_MS + clockMs + LIMITS.leaseSkewMs);
    for (const nodeId of answering) {
      for (const event of ledger.chain.slice(seen.get(nodeId) ?? 0)) {
        const { next } = applyLedgerEvent(states.get(nodeId), event, BUNDLE_ID, moment(nodeId), TIMES);
        if (next !== undefined) states.set(nodeId, next);
      }
      seen.set(nodeId, ledger.chain.length);
      feed(nodeId, { kind: 'tick', hasRoom: true });
    }
    const due = messages.filter(({ dueAtMs }) => dueAtMs <= clockMs);
    messages = messages.filter(({ dueAtMs }) => dueAtMs > clockMs);
    for (const { to, event } of due) feed(to, event);
  }
  return { state: ledger.state, fence: ledger.fence, tookMs: clockMs };
}

function answerTo(effect: Extract<LeadEffect, { kind: 'requestProof' | 'requestDealing' }>): LeadEvent {
  const { attempt, peer } = effect;
  if (effect.kind === 'requestProof')
    return { kind: 'proof', attempt, proof: { orchestrator: peer, proof: `${'v'.repeat(106)}A` } };
  const [template] = dealingsRecord().dealings;
  if (template === undefined) throw new RangeError('the record has a dealing');
  return { kind: 'dealing', attempt, dealing: { ...template, dealer: peer } };
}

describe('a set-up with orchestrators that do not answer', () => {
  it.each(NETWORKS)('becomes active, always: $name', (network) => {
    const fences = new Set<number>();
    for (let run = 1; run <= RUNS; run += 1) {
      const { state, fence, tookMs } = setUp(network, seededRandom(run));
      expect([run, state]).toEqual([run, 'active']);
      expect(tookMs).toBeLessThan(TIMES.setupMs);
      fences.add(fence);
    }
    // Some had nobody silent in their first set, and some had to be replaced.
    expect(fences.size).toBeGreaterThan(1);
  });

  it('ends as failed where every set needs somebody who never answers', () => {
    const network = { name: '', answering: ['a.0'], silent: ['b.0'], dealers: 2 };
    const { state, fence, tookMs } = setUp(network, seededRandom(1));
    expect([state, fence]).toEqual(['ended', LIMITS.fences - 1]);
    expect(tookMs).toBeGreaterThanOrEqual(TIMES.setupMs);
  });
});
