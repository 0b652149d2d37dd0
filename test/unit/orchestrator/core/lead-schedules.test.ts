import { applyLedgerEvent } from '../../../../network/orchestrator/src/core/apply-ledger-event';
import type {
  LeadEffect,
  LeadEvent,
  LeadMoment,
} from '../../../../network/orchestrator/src/core/lead-messages';
import { leadStep } from '../../../../network/orchestrator/src/core/lead-step';
import type { OrchestratorState } from '../../../../network/orchestrator/src/core/orchestrator-state';
import { LedgerModel } from '../../../support/simulated/ledger-model';
import { seededRandom } from '../../../support/random';
import { BUNDLE_ID, dealingId, dealingsRecord, hash } from '../../../support/data/ledger-facts';

const TIMES = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };
const NODES = ['orchestrator-a', 'orchestrator-b', 'orchestrator-c', 'orchestrator-d'];
const SCHEDULES = 10_000;

interface Message {
  readonly to: number;
  readonly dueAtMs: number;
  readonly event: LeadEvent;
}

interface Report {
  readonly outcome: 'active' | 'ended' | 'stuck';
  readonly attempts: number;
  readonly reassignments: number;
  readonly violation?: string;
}

const absent = (): OrchestratorState | undefined => undefined;

function runSchedule(seed: number): Report {
  const random = seededRandom(seed);
  const ledger = new LedgerModel(NODES);
  const nodes = NODES.map((nodeId) => ({
    nodeId,
    seen: 0,
    up: true,
    state: absent(),
  }));
  let messages: Message[] = [];
  let clockMs = 0;
  let attempts = 0;
  let healed = false;

  const moment = (index: number): LeadMoment => ({
    nodeId: NODES[index] ?? '',
    monotonicMs: clockMs,
    unixMs: 1_000_000 + clockMs,
  });
  const reply = (to: number, event: LeadEvent): void => {
    messages.push({ to, dueAtMs: clockMs + 5 + random.below(healed ? 50 : 4_000), event });
  };

  const perform = (index: number, effect: LeadEffect): void => {
    const nodeId = NODES[index] ?? '';
    const lost = !healed && random.chance(0.25);
    switch (effect.kind) {
      case 'requestProof':
      case 'requestDealing': {
        const peer = nodes.find((node) => node.nodeId === effect.peer);
        if (effect.kind === 'requestProof' && effect.peer === nodeId) attempts += 1;
        if (effect.peer !== nodeId && !lost) feed(NODES.indexOf(effect.peer), { kind: 'asked', by: nodeId });
        if (peer === undefined || !peer.up || lost) {
          if (random.chance(0.5))
            reply(index, {
              kind: 'peerFailed',
              attempt: effect.attempt,
              peer: effect.peer,
              code: 'PEER_UNAVAILABLE',
            });
        } else if (effect.kind === 'requestProof') {
          const proof = { orchestrator: effect.peer, proof: `${'v'.repeat(106)}A` };
          reply(index, { kind: 'proof', attempt: effect.attempt, proof });
        } else {
          const [template] = dealingsRecord().dealings;
          if (template === undefined) throw new Error('no template');
          const dealing = {
            ...template,
            dealer: effect.peer,
            dealingId: dealingId('d'),
            sheetHash: hash('h'),
          };
          reply(index, { kind: 'dealing', attempt: effect.attempt, dealing });
        }
        break;
      }
      case 'submitDealings': {
        if (!healed && random.chance(0.15)) break; // lost before it was ordered
        const code = ledger.recordDealings(nodeId, effect.argument, moment(index).unixMs);
        if (code !== undefined) reply(index, { kind: 'submitFailed', attempt: effect.attempt, code });
        break;
      }
      case 'reassign':
        if (!lost) ledger.reassign(effect.argument.fence, moment(index).unixMs);
        break;
      case 'end':
        if (!lost) ledger.end();
        break;
    }
  };

  const feed = (index: number, event: LeadEvent): void => {
    const node = nodes[index];
    if (node?.state === undefined || !node.up) return;
    const step = leadStep(node.state, event, moment(index), TIMES);
    node.state = step.next;
    for (const effect of step.effects) perform(index, effect);
  };

  for (let step = 0; step < 2_000; step += 1) {
    if (step === 250) {
      healed = true;
      for (const node of nodes) node.up = true;
    }
    clockMs += healed ? 100 : random.below(800);
    if (!healed && random.chance(0.03)) ledgerEndMaybe(ledger, random.chance(0.03));
    nodes.forEach((node, index) => {
      if (!healed && random.chance(0.02)) {
        node.up = !node.up;
        // A crash forgets the lead; the ledger's facts are stored.
        if (node.state !== undefined && node.up) {
          node.state = {
            ...node.state,
            lead: { kind: 'waiting', leadAtMonotonicMs: clockMs },
            attempt: node.state.attempt + 1,
          };
        }
      }
      if (!node.up) return;
      while (node.seen < ledger.chain.length && (healed || random.chance(0.6))) {
        const event = ledger.chain[node.seen];
        node.seen += 1;
        if (event !== undefined)
          node.state = applyLedgerEvent(node.state, event, BUNDLE_ID, moment(index), TIMES).next;
      }
      feed(index, { kind: 'tick', hasRoom: healed || random.chance(0.8) });
    });
    const due = messages.filter((message) => message.dueAtMs <= clockMs);
    messages = messages.filter((message) => message.dueAtMs > clockMs);
    if (!healed) due.sort(() => random.next() - 0.5);
    for (const message of due) {
      feed(message.to, message.event);
      if (!healed && random.chance(0.1)) feed(message.to, message.event); // delivered twice
    }
    if (ledger.records > 1)
      return { outcome: 'stuck', attempts, reassignments: ledger.fence, violation: 'two records' };
    if (ledger.state !== 'accepted') return { outcome: ledger.state, attempts, reassignments: ledger.fence };
  }
  return { outcome: 'stuck', attempts, reassignments: ledger.fence, violation: 'neither active nor ended' };
}

function ledgerEndMaybe(ledger: LedgerModel, now: boolean): void {
  if (now) ledger.end();
}

describe('orchestrators under random schedules of crash, delay, loss, reorder and revocation', () => {
  it(`bring every acknowledged request to active or ended in ${SCHEDULES} schedules`, () => {
    const outcomes = { active: 0, ended: 0, stuck: 0 };
    let reassignments = 0;
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const report = runSchedule(seed);
      if (report.violation !== undefined)
        throw new Error(`seed ${seed}: ${report.violation} after ${report.attempts} attempts`);
      outcomes[report.outcome] += 1;
      reassignments += report.reassignments;
    }
    expect(outcomes.active).toBeGreaterThan(SCHEDULES / 4);
    expect(outcomes.ended).toBeGreaterThan(0);
    expect(reassignments).toBeGreaterThan(SCHEDULES / 100);
  });

  it('answers to an earlier attempt change nothing', () => {
    const ledger = new LedgerModel(NODES);
    const moment: LeadMoment = { nodeId: 'orchestrator-a', monotonicMs: 0, unixMs: 1_000_000 };
    const [event] = ledger.chain;
    if (event === undefined) throw new Error('the model starts with a request');
    const requestedState = applyLedgerEvent(undefined, event, BUNDLE_ID, moment, TIMES).next;
    if (requestedState === undefined) throw new Error('the request makes a bundle');
    const leading = leadStep(requestedState, { kind: 'tick', hasRoom: true }, moment, TIMES);
    expect(leading.effects.map((effect) => effect.kind)).toEqual(['requestProof', 'requestProof']);
    const stale: LeadEvent = {
      kind: 'proof',
      attempt: leading.next.attempt - 1,
      proof: { orchestrator: 'orchestrator-a', proof: `${'v'.repeat(106)}A` },
    };
    expect(leadStep(leading.next, stale, moment, TIMES)).toEqual({ next: leading.next, effects: [] });
  });
});
