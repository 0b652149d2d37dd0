import { isEkoError } from '@eko/protocol';
import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import { applyLedgerEvent } from '../../../../network/witness/src/core/apply-ledger-event';
import {
  decideRelease,
  markReleased,
  type ReleaseMoment,
} from '../../../../network/witness/src/core/decide-release';
import type { WitnessState } from '../../../../network/witness/src/core/witness-state';
import { seededRandom } from '../../../support/random';
import {
  BUNDLE_ID,
  authorized,
  endRecord,
  ended,
  permitRecord,
  recorded,
  requested,
  txId,
} from '../../../support/data/ledger-facts';
import { heldDealing as held } from './held-dealing';

const BOUNDS = { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 };
const SCHEDULES = 10_000;

interface Outcome {
  readonly releases: number;
  readonly refusals: number;
  readonly violation?: string;
}

/**
 * One witness, one bundle, a ledger that anybody writes to at any time; the witness sees it late, pauses, crashes and
 * answers requests whose last step may come long after the first.
 * @param finalCheck - whether the last step checks again; without it the schedule must find a violation
 */
function runSchedule(seed: number, finalCheck = true): Outcome {
  const random = seededRandom(seed);
  const chain: LedgerEvent[] = [requested()];
  /** When each block was made: what the heartbeat in it states. */
  const madeAtUnixMs: number[] = [0];
  const endBlock = new Map<number, number>();
  const permitBlock = new Map<string, number>();
  const permitAtUnixMs = new Map<string, number>();
  let unixMs = 1_000_500;
  let monotonicMs = 0;
  let seen = 0;
  let beat: ReleaseMoment['beat'];
  let state: WitnessState | undefined;
  let saved: { state: WitnessState | undefined; seen: number } = { state: undefined, seen: 0 };
  const inFlight: { streams: number[]; permitTxId: string; party: string }[] = [];
  let releases = 0;
  let refusals = 0;

  const append = (make: (block: number) => LedgerEvent): number => {
    const block = chain.length + 1;
    chain.push(make(block));
    madeAtUnixMs.push(unixMs);
    if (permitBlock.get(txId(2)) === undefined) permitAtUnixMs.set(txId(2), unixMs);
    permitAtUnixMs.set(txId(100 + block), unixMs);
    return block;
  };
  const moment = (): ReleaseMoment => ({ monotonicMs, unixMs, beat });
  const isOver = (index: number): boolean => endBlock.has(index);

  for (let step = 0; step < 60; step += 1) {
    switch (random.below(9)) {
      case 0: // time passes, sometimes much of it (a paused process)
      case 1: {
        const passed = random.chance(0.15) ? 20_000 : random.below(1_500);
        unixMs += passed;
        monotonicMs += passed;
        break;
      }
      case 2: // the dealers' record
        if (!permitBlock.has(txId(2)) && !isOver(0)) {
          const block = append((at) => {
            const event = recorded(at);
            return {
              ...event,
              payload: {
                record: {
                  ...(event as Extract<LedgerEvent, { name: 'DealingsRecorded' }>).payload.record,
                  atUnixMs: unixMs,
                },
              },
            } as LedgerEvent;
          });
          permitBlock.set(txId(2), block);
        }
        break;
      case 3: {
        // a party asks the ledger for leave; the chaincode refuses streams that have ended
        const streams = [0, 1].filter((index) => !isOver(index) && random.chance(0.7));
        if (streams.length > 0 && permitBlock.has(txId(2))) {
          const party = random.pick(['initiator', 'provider']);
          const block = append((at) =>
            authorized(at, permitRecord({ streams, party, txId: txId(100 + at), atUnixMs: unixMs })),
          );
          permitBlock.set(txId(100 + block), block);
        }
        break;
      }
      case 4: // an end of one stream or of all
        if (random.chance(0.25)) {
          const streams = random.chance(0.5) ? [0, 1] : [random.below(2)];
          const open = streams.filter((index) => !isOver(index));
          if (open.length > 0) {
            const block = append((at) =>
              open.length === 2
                ? ended(at, endRecord())
                : ended(at, ...open.map((index) => endRecord({ index }))),
            );
            for (const index of open) endBlock.set(index, block);
          }
        }
        break;
      case 5: // the witness sees the next block, or an old one again
        if (random.chance(0.15) && seen > 0) {
          const old = chain[random.below(seen)];
          if (old !== undefined)
            state = applyLedgerEvent(state, old, BUNDLE_ID, { nodeId: 'witness-a', monotonicMs }).next;
        } else if (seen < chain.length) {
          const event = chain[seen];
          if (event === undefined) break;
          state = applyLedgerEvent(state, event, BUNDLE_ID, { nodeId: 'witness-a', monotonicMs }).next;
          beat = { seenAtMonotonicMs: monotonicMs, atUnixMs: madeAtUnixMs[seen] ?? 0 };
          seen += 1;
          if (event.name === EVENTS.streamsRequested && state !== undefined)
            state = { ...state, held: [held] };
          saved = { state: state === undefined ? undefined : { ...state, permits: [] }, seen };
        }
        break;
      case 6: // kill -9 and restart: what was saved, no permits, no requests
        if (random.chance(0.2)) {
          ({ state, seen } = saved);
          inFlight.length = 0;
          beat = undefined;
        }
        break;
      case 7: {
        // a request arrives: first decision
        const streams = [0, 1].filter(() => random.chance(0.6));
        const permitTxId = random.pick([txId(2), ...permitBlock.keys(), txId(77)]);
        if (streams.length === 0) break;
        const request = { streams, permitTxId, party: random.pick(['initiator', 'provider', 'stranger']) };
        try {
          decideRelease({
            state,
            request: { bundleId: BUNDLE_ID, epoch: 1, streams, permitTxId },
            party: request.party,
            moment: moment(),
            bounds: BOUNDS,
          });
          if (state !== undefined) state = markReleased(state, permitTxId, request.party, streams);
          inFlight.push(request);
        } catch (error) {
          if (!isEkoError(error)) throw error;
          refusals += 1;
        }
        break;
      }
      default: {
        // the last step of a request in flight
        const request = inFlight.shift();
        if (request === undefined) break;
        try {
          if (finalCheck) {
            decideRelease({
              state,
              request: {
                bundleId: BUNDLE_ID,
                epoch: 1,
                streams: request.streams,
                permitTxId: request.permitTxId,
              },
              party: request.party,
              moment: moment(),
              bounds: BOUNDS,
              marked: true,
            });
          }
        } catch (error) {
          if (!isEkoError(error)) throw error;
          refusals += 1;
          break;
        }
        releases += 1;
        const ordered = permitBlock.get(request.permitTxId);
        for (const index of request.streams) {
          const over = endBlock.get(index);
          if (ordered === undefined) return { releases, refusals, violation: 'released without a permit' };
          if (over !== undefined && ordered > over)
            return { releases, refusals, violation: 'permit ordered after the end' };
          if (over !== undefined && over <= seen)
            return { releases, refusals, violation: 'released after it saw the end' };
        }
        if (request.party === 'stranger') return { releases, refusals, violation: 'released to a stranger' };
        const { permitLifetimeMs, clockToleranceMs, viewBoundMs } = BOUNDS;
        if (unixMs - (madeAtUnixMs[seen - 1] ?? 0) > viewBoundMs + clockToleranceMs)
          return { releases, refusals, violation: 'released on a stale view' };
        if (unixMs - (permitAtUnixMs.get(request.permitTxId) ?? 0) > permitLifetimeMs + clockToleranceMs)
          return { releases, refusals, violation: 'released on an old permit' };
      }
    }
  }
  return { releases, refusals };
}

describe('a witness under random schedules of ledger, crash, pause and request', () => {
  it(`never releases outside its permits in ${SCHEDULES} schedules`, () => {
    let releases = 0;
    let refusals = 0;
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const outcome = runSchedule(seed);
      if (outcome.violation !== undefined) throw new Error(`seed ${seed}: ${outcome.violation}`);
      releases += outcome.releases;
      refusals += outcome.refusals;
    }
    // The schedules must reach both answers often, or they prove nothing.
    expect(releases).toBeGreaterThan(SCHEDULES / 20);
    expect(refusals).toBeGreaterThan(SCHEDULES);
  });

  it('finds the violation at once when the last check is left out', () => {
    const found = Array.from({ length: 2_000 }, (_, seed) => runSchedule(seed + 1, false).violation).filter(
      (violation) => violation !== undefined,
    );
    expect(found).toContain('released after it saw the end');
    expect(found).toContain('released on a stale view');
  });
});
