import { EVENTS, type DealingsRecord } from '@eko/protocol/ledger';
import { seededRandom } from '../../support/random';
import { nextTurn } from '../../support/simulated/process-life';
import { SimulatedOrchestrators } from './simulated-orchestrators';

const SCHEDULES = 60;
const MOST_STEPS = 1_500;
const QUORUM = 2;

interface ScheduleReport {
  readonly outcome: 'ended' | 'active';
  readonly kills: number;
  readonly fences: number;
  /** Dealings that their dealers signed as abandoned. */
  readonly abandoned: number;
  /** Attempts to have something recorded that its dealer has not completed. */
  readonly forgeries: number;
}

/** Runs one bundle through one schedule of faults and gives back how it went, or throws what went wrong. */
async function runSchedule(seed: number): Promise<ScheduleReport> {
  const random = seededRandom(seed);
  const simulated = new SimulatedOrchestrators(random);
  const { ledger, nodes } = simulated;
  for (const node of nodes) await simulated.start(node);
  let kills = 0;
  let forgeries = 0;
  let record: DealingsRecord | undefined;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (step === 150) simulated.isHealed = true;
    simulated.advance(simulated.isHealed ? 200 : random.below(500));
    for (const node of nodes) {
      if (node.life === undefined) {
        if (simulated.isHealed || random.chance(0.03)) await simulated.start(node);
        continue;
      }
      if (!simulated.isHealed && random.chance(0.02)) {
        kills += 1;
        await simulated.kill(node);
        continue;
      }
      if (simulated.isHealed || random.chance(0.7)) await simulated.feed(node);
      node.life.shell.tick();
      await node.life.shell.attest();
    }
    for (let turn = random.below(6); turn >= 0; turn -= 1) await nextTurn();
    if (!simulated.isHealed && random.chance(0.003)) ledger.end();
    if (!simulated.isHealed && random.chance(0.05)) {
      const refusal = simulated.forge();
      if (refusal === undefined) throw new Error(`seed ${seed}: a dealing was recorded from its deliveries`);
      if (refusal === 'BAD_SIGNATURE') forgeries += 1;
    }
    if (record === undefined) {
      record = recordOf(simulated);
      if (record !== undefined) await checkRecoverable(simulated, record);
    }
    // An honest dealer is never blamed: what it signed as abandoned, before or after, is never what is recorded.
    const blamed = record?.dealings.find(({ dealingId }) => simulated.forger.abandoned.has(dealingId));
    if (blamed !== undefined) throw new Error(`seed ${seed}: ${blamed.dealer} gave up what is recorded`);
    if (ledger.records > 1) throw new Error(`seed ${seed}: two records of dealings`);
    if (ledger.state === 'active' && simulated.isHealed && random.chance(0.05)) ledger.end();
    if (ledger.state === 'ended' && simulated.isHealed && (await isCleared(simulated, record))) {
      return {
        outcome: record === undefined ? 'ended' : 'active',
        kills,
        fences: ledger.fence,
        abandoned: simulated.forger.abandoned.size,
        forgeries,
      };
    }
  }
  throw new Error(`seed ${seed}: ${ledger.state}, and not cleared`);
}

function recordOf({ ledger }: SimulatedOrchestrators): DealingsRecord | undefined {
  const event = ledger.chain.find(({ name }) => name === EVENTS.dealingsRecorded);
  return event?.name === EVENTS.dealingsRecorded ? event.payload.record : undefined;
}

/** Durable before visible: a quorum holds every recorded dealing, and its dealer's disk has the parties' envelopes. */
async function checkRecoverable(simulated: SimulatedOrchestrators, record: DealingsRecord): Promise<void> {
  if (simulated.ledger.state === 'ended') return;
  for (const { dealer, dealingId } of record.dealings) {
    const holders = simulated.held.get(dealingId)?.size ?? 0;
    if (holders < QUORUM) throw new Error(`only ${holders} witnesses hold the dealing of ${dealer}`);
    const node = simulated.nodes.find(({ nodeId }) => nodeId === dealer);
    const waiting = node === undefined ? [] : await simulated.waiting(node, dealingId);
    if (!waiting.includes('initiator') || !waiting.includes('provider'))
      throw new Error(`${dealer} lost the parties' envelopes`);
  }
}

/** Nothing is left of an ended bundle, and every dealer on record has said so on the ledger. */
async function isCleared(
  simulated: SimulatedOrchestrators,
  record: DealingsRecord | undefined,
): Promise<boolean> {
  for (const node of simulated.nodes) if ((await simulated.storedDealings(node)).length > 0) return false;
  return (record?.dealings ?? []).every(({ dealer }) => simulated.ledger.attesters.has(dealer));
}

describe('whole orchestrators under random schedules of kills, losses and late events', () => {
  it(`bring ${SCHEDULES} bundles to active or ended, recoverable while active, blame nobody and leave nothing behind`, async () => {
    const outcomes = { active: 0, ended: 0 };
    let kills = 0;
    let fences = 0;
    let abandoned = 0;
    let forgeries = 0;
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const report = await runSchedule(seed);
      if (report.outcome === 'active') outcomes.active += 1;
      else outcomes.ended += 1;
      kills += report.kills;
      fences += report.fences;
      abandoned += report.abandoned;
      forgeries += report.forgeries;
    }
    expect(outcomes.active).toBeGreaterThan(SCHEDULES / 3);
    expect(kills).toBeGreaterThan(SCHEDULES);
    expect(fences).toBeGreaterThan(0);
    // Often enough, or nobody could have been blamed.
    expect(abandoned).toBeGreaterThan(SCHEDULES / 4);
    expect(forgeries).toBeGreaterThan(SCHEDULES / 4);
  }, 300_000);
});
