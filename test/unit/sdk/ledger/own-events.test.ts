import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import {
  BUNDLE_EVENTS,
  EVENTS,
  bundleTermsOf,
  bundlesOf,
  nodeOf,
  type LedgerEvent,
} from '@eko/protocol/ledger';
import type { RawLedgerEvent } from '@eko/sdk';
import { OwnEvents, isConsent } from '@eko/sdk/node';
import { applyLedgerEvent as applyToOrchestrator } from '../../../../network/orchestrator/src/core/apply-ledger-event';
import {
  hasPart as hasPartInDealing,
  isFinished as isDealt,
  type OrchestratorState,
} from '../../../../network/orchestrator/src/core/orchestrator-state';
import { applyLedgerEvent as applyToWitness } from '../../../../network/witness/src/core/apply-ledger-event';
import { hasPart, isFinished, type WitnessState } from '../../../../network/witness/src/core/witness-state';
import {
  acceptanceRecord,
  assignmentRecord,
  at,
  bundleRecord,
  bundleTerms,
  dealingsRecord,
  endRecord,
  nodeRecord,
  permitRecord,
  txId,
} from '../../../support/data/ledger-facts';
import { seededRandom, type SeededRandom } from '../../../support/random';

/** Names that are parts of each other, and words of the format. */
const NODES = ['a', 'aa', 'a.a', 'node', 'witness-1', 'witness-10', 'witness-1.org', 'all'];
const BUNDLES = Array.from({ length: 4 }, (_, n) => `0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5${n}`);
const NOTES = ['of a', 'for "witness-1"', `see ${BUNDLES[0]}`, `"bundleId":"${BUNDLES[1]}"`, 'back\\slash'];

const rawOf = ({ name, payload, ...place }: LedgerEvent): RawLedgerEvent => ({
  ...place,
  name,
  payload: utf8Encode(encodeCanonicalJson(payload)),
});

/** Any event of any kind, with any of these nodes in its parts. */
function anyEvent(random: SeededRandom, block: number): LedgerEvent {
  const node = (): string => random.pick(NODES);
  const some = (most: number): string[] => [...new Set(Array.from({ length: 1 + random.below(most) }, node))];
  const bundleId = random.pick(BUNDLES);
  const labels = random.chance(0.3) ? { labels: { note: random.pick(NOTES) } } : {};
  const { policy, ...rest } = bundleRecord({ bundleId, initiator: node() });
  const bundle = {
    ...rest,
    policy: { ...policy, provider: node() },
    requests: [{ dataType: 'file', permissions: ['read'], ...labels }],
  };
  const assignment = assignmentRecord({
    bundleId,
    fence: random.below(3),
    orchestrators: some(2),
    ...(random.chance(0.5) ? { heldBy: some(2) } : {}),
  });
  const note = random.chance(0.5) ? { note: random.pick(NOTES) } : {};
  const record = dealingsRecord({
    bundleId,
    by: node(),
    selection: { ...dealingsRecord().selection, witnesses: some(3).sort() },
    dealings: dealingsRecord().dealings.map((dealing) => ({ ...dealing, dealer: node() })),
  });
  switch (random.pick(Object.values(EVENTS))) {
    case EVENTS.heartbeat:
      return at(block, { name: EVENTS.heartbeat, payload: { nodeId: node(), atUnixMs: block } });
    case EVENTS.streamsRequested: {
      const isOffered = random.chance(0.6);
      return at(block, {
        name: EVENTS.streamsRequested,
        payload: isOffered ? { bundle, assignment } : { bundle },
      });
    }
    case EVENTS.streamsAccepted: {
      const acceptance = acceptanceRecord({ bundleId, by: bundle.policy.provider });
      const payload = { acceptance, assignment, terms: bundleTermsOf(bundle) };
      return at(block, { name: EVENTS.streamsAccepted, payload });
    }
    case EVENTS.orchestratorsReassigned: {
      const payload = { assignment, consentedAtUnixMs: 1_000_000, terms: bundleTerms({ bundleId }) };
      return at(block, { name: EVENTS.orchestratorsReassigned, payload });
    }
    case EVENTS.dealingsRecorded:
      return at(block, { name: EVENTS.dealingsRecorded, payload: { record } });
    case EVENTS.releaseAuthorized: {
      const permit = permitRecord({ bundleId, party: node(), txId: txId(block) });
      return at(block, { name: EVENTS.releaseAuthorized, payload: { permit } });
    }
    case EVENTS.streamsEnded: {
      const ends = [endRecord({ bundleId, by: node(), ...note })];
      return at(block, { name: EVENTS.streamsEnded, payload: { ends } });
    }
    case EVENTS.destructionAttested: {
      const destructions = BUNDLES.filter(() => random.chance(0.4)).map((each) => ({
        ...{ bundleId: each, epoch: 1 },
        streams: 'all' as const,
      }));
      const attestations = some(2).map((nodeId) => ({
        nodeId,
        destructions,
        signature: `${'g'.repeat(85)}A`,
      }));
      const record = { attestations, by: node(), txId: txId(block), atUnixMs: block };
      return at(block, { name: EVENTS.destructionAttested, payload: { record } });
    }
    default:
      return at(block, {
        name: EVENTS.nodeRegistered,
        payload: { node: nodeRecord(node(), 'witness', {}) },
      });
  }
}

/** What one node keeps after so many events, and how often it read one of a bundle; given all, or only what it wants. */
function follow<State>(
  nodeId: string,
  events: readonly LedgerEvent[],
  passes: boolean,
  apply: (state: State | undefined, event: LedgerEvent, bundleId: string) => State | undefined,
): { readonly states: Map<string, State>; readonly read: number } {
  const states = new Map<string, State>();
  const own = new OwnEvents({ nodeId, knows: (bundleId) => states.has(bundleId) });
  let read = 0;
  for (const event of events) {
    const raw = rawOf(event);
    if (passes && !isConsent(raw) && !own.mayConcern(raw)) continue;
    for (const bundleId of bundlesOf(event)) {
      read += 1;
      const next = apply(states.get(bundleId), event, bundleId);
      if (next === undefined) states.delete(bundleId);
      else states.set(bundleId, next);
    }
  }
  return { states, read };
}

const TIMES = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };

describe('finding in the bytes of an event whether it can concern a node', () => {
  it('tells apart the events of bundles, which it passes over, from all others', () => {
    const random = seededRandom(7);
    for (let block = 1; block <= 500; block += 1) {
      const event = anyEvent(random, block);
      const isOfBundles = BUNDLE_EVENTS.includes(event.name);
      expect(isOfBundles).toBe(nodeOf(event) === undefined && event.name !== EVENTS.heartbeat);
      const stranger = new OwnEvents({ nodeId: 'stranger', knows: () => false });
      const hasEscape = encodeCanonicalJson(event.payload).includes('\\');
      expect(stranger.mayConcern(rawOf(event))).toBe(!isOfBundles || hasEscape);
    }
  });

  it('finds every bundle that an event speaks of, and no other', () => {
    const random = seededRandom(8);
    for (let block = 1; block <= 500; block += 1) {
      const event = anyEvent(random, block);
      if (!BUNDLE_EVENTS.includes(event.name) || encodeCanonicalJson(event.payload).includes('\\')) continue;
      const asked = new Set<string>();
      const knows = (bundleId: string): boolean => {
        asked.add(bundleId);
        return false;
      };
      new OwnEvents({ nodeId: 'stranger', knows }).mayConcern(rawOf(event));
      expect([...asked].sort()).toEqual([...bundlesOf(event)].sort());
      const [first] = asked;
      if (first === undefined) continue;
      const known = new OwnEvents({ nodeId: 'stranger', knows: (bundleId) => bundleId === first });
      expect(known.mayConcern(rawOf(event))).toBe(true);
    }
  });

  it.each(NODES)(
    'leaves orchestrator %s as if it had read everything, and with no bundle of others',
    (nodeId) => {
      let [passed, kept] = [0, 0];
      for (let seed = 1; seed <= 15; seed += 1) {
        const random = seededRandom(seed);
        const events = Array.from({ length: 40 }, (_, place) => anyEvent(random, place + 1));
        const moment = { nodeId, monotonicMs: 0, unixMs: 1_000_000 };
        const apply = (state: OrchestratorState | undefined, event: LedgerEvent, bundleId: string) => {
          const { next } = applyToOrchestrator(state, event, bundleId, moment, TIMES);
          return next !== undefined && isDealt(next, nodeId) && !hasPartInDealing(next, nodeId)
            ? undefined
            : next;
        };
        const all = follow(nodeId, events, false, apply);
        const own = follow(nodeId, events, true, apply);
        expect(own.states).toEqual(all.states);
        // What is left without a part waits for its dealings.
        for (const state of own.states.values())
          expect(hasPartInDealing(state, nodeId) || state.record === undefined).toBe(true);
        passed += all.read - own.read;
        kept += own.states.size;
      }
      expect([passed > 20, kept > 5]).toEqual([true, true]);
    },
  );

  it.each(NODES)('leaves witness %s as if it had read everything, and with no bundle of others', (nodeId) => {
    let [passed, kept] = [0, 0];
    for (let seed = 1; seed <= 15; seed += 1) {
      const random = seededRandom(seed);
      const events = Array.from({ length: 40 }, (_, place) => anyEvent(random, place + 1));
      const view = { nodeId, monotonicMs: 0 };
      const apply = (state: WitnessState | undefined, event: LedgerEvent, bundleId: string) => {
        const { next } = applyToWitness(state, event, bundleId, view);
        return next !== undefined && isFinished(next, nodeId) ? undefined : next;
      };
      const all = follow(nodeId, events, false, apply);
      const own = follow(nodeId, events, true, apply);
      expect(own.states).toEqual(all.states);
      // What is left without a part waits for its draw.
      for (const state of own.states.values())
        expect(hasPart(state, nodeId) || state.record === undefined).toBe(true);
      passed += all.read - own.read;
      kept += own.states.size;
    }
    expect([passed > 20, kept > 5]).toEqual([true, true]);
  });
});
