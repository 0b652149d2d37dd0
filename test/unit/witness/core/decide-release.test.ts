import { LIMITS } from '@eko/protocol';
import { type PermitRecord } from '@eko/protocol/ledger';
import { decideRelease, type ReleaseMoment } from '../../../../network/witness/src/core/decide-release';
import type { WitnessState } from '../../../../network/witness/src/core/witness-state';
import { acceptedOr, codedError } from '../../../support/coded-error';
import { BUNDLE_ID, authorized, permitRecord, recorded, txId } from '../../../support/data/ledger-facts';
import { heldDealing as held } from './held-dealing';
import { apply, stateAfterRequest } from '../../../support/simulated/witness-states';

const BOUNDS = { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 };
/** The ages at which a permit and a view are too old by the wall clock. */
const PERMIT_MS = BOUNDS.permitLifetimeMs + BOUNDS.clockToleranceMs;
const VIEW_MS = BOUNDS.viewBoundMs + BOUNDS.clockToleranceMs;
/** When `apply` sees events, on the monotonic clock. */
const SEEN_MS = 10;
const PERMIT = permitRecord();

const active = apply(stateAfterRequest(held), recorded()).next;
const withPermits = (...permits: readonly Partial<PermitRecord>[]): WitnessState =>
  permits.reduce<WitnessState>(
    (state, change, n) => apply(state, authorized(10 + n, permitRecord(change))).next,
    active,
  );

/** The decision about a request at a moment that differs from the one at which the permit was made and seen. */
function decide(
  change: {
    readonly state?: WitnessState;
    readonly party?: string;
    readonly permitTxId?: string;
    readonly moment?: Partial<ReleaseMoment>;
  } = {},
) {
  return decideRelease({
    state: change.state ?? withPermits({}),
    request: {
      bundleId: BUNDLE_ID,
      epoch: 1,
      streams: [0],
      permitTxId: change.permitTxId ?? PERMIT.txId,
    },
    party: change.party ?? PERMIT.party,
    moment: {
      monotonicMs: SEEN_MS,
      unixMs: PERMIT.atUnixMs,
      beat: { seenAtMonotonicMs: SEEN_MS, atUnixMs: PERMIT.atUnixMs },
      ...change.moment,
    },
    bounds: BOUNDS,
  });
}

const codeOf = (change: Parameters<typeof decide>[0]): string => codedError(() => decide(change)).code;

describe('the age of a permit', () => {
  it('is told by the wall clock, whenever its block came', () => {
    const unixMs = PERMIT.atUnixMs + PERMIT_MS;
    expect(decide({ moment: { unixMs } }).streams).toEqual([0]);
    expect(codeOf({ moment: { unixMs: unixMs + 1 } })).toBe('PERMIT_TOO_OLD');
  });

  it('is not told by the time of the last block, which stands still where blocks come late', () => {
    const unixMs = PERMIT.atUnixMs + PERMIT_MS + 1;
    // As new a heartbeat as there can be, and one that is as old as the permit.
    for (const atUnixMs of [unixMs, PERMIT.atUnixMs + 1])
      expect(codeOf({ moment: { unixMs, beat: { seenAtMonotonicMs: SEEN_MS, atUnixMs } } })).toBe(
        'PERMIT_TOO_OLD',
      );
  });

  it('is told by the monotonic clock too, whatever is done to the other', () => {
    const moment = (monotonicMs: number) => ({
      monotonicMs,
      beat: { seenAtMonotonicMs: monotonicMs, atUnixMs: PERMIT.atUnixMs },
    });
    const last = SEEN_MS + BOUNDS.permitLifetimeMs;
    expect(decide({ moment: moment(last) }).streams).toEqual([0]);
    expect(codeOf({ moment: moment(last + 1) })).toBe('PERMIT_TOO_OLD');
  });

  it('is ten seconds at most, though it is stamped as far ahead as the ledger takes and its block comes late', () => {
    const madeAtUnixMs = PERMIT.atUnixMs - LIMITS.aheadSkewMs;
    const state = withPermits({});
    const released = Array.from({ length: 61 }, (_, second) => second * 1_000).filter((lateMs) => {
      const unixMs = madeAtUnixMs + lateMs;
      const moment = { unixMs, beat: { seenAtMonotonicMs: SEEN_MS, atUnixMs: unixMs } };
      return acceptedOr(() => decide({ state, moment })) !== undefined;
    });
    expect(Math.max(...released)).toBe(LIMITS.aheadSkewMs + PERMIT_MS);
  });
});

describe('a witness’s view of the ledger', () => {
  it('is as old as the newest heartbeat, by the time that it states and by when it came', () => {
    const at = (ages: { readonly stated?: number; readonly seen?: number }): ReleaseMoment['beat'] => ({
      atUnixMs: PERMIT.atUnixMs + PERMIT_MS - (ages.stated ?? 0),
      seenAtMonotonicMs: SEEN_MS + BOUNDS.permitLifetimeMs - (ages.seen ?? 0),
    });
    const moment = (beat: ReleaseMoment['beat']) => ({
      monotonicMs: SEEN_MS + BOUNDS.permitLifetimeMs,
      unixMs: PERMIT.atUnixMs + PERMIT_MS,
      beat,
    });
    for (const beat of [at({}), at({ stated: VIEW_MS }), at({ seen: BOUNDS.viewBoundMs })])
      expect(decide({ moment: moment(beat) }).streams).toEqual([0]);
    for (const beat of [undefined, at({ stated: VIEW_MS + 1 }), at({ seen: BOUNDS.viewBoundMs + 1 })])
      expect(codeOf({ moment: moment(beat) })).toBe('STALE_LEDGER');
  });
});

describe('the permits of two parties', () => {
  const many = Array.from({ length: 40 }, (_, n) => ({ txId: txId(100 + n), party: 'provider' }));

  it('do not evict each other: one that asks for many keeps its own newest sixteen, and the other loses none', () => {
    const state = withPermits({ txId: txId(90), party: 'initiator' }, ...many);
    expect(decide({ state, permitTxId: txId(90) }).permit.txId).toBe(txId(90));
    // The activation, which is a permit of both.
    const soon = { unixMs: 1_001_000 };
    expect(decide({ state, permitTxId: txId(2), moment: soon }).permit.txId).toBe(txId(2));
    const provider = state.permits.filter(({ parties }) => !parties.includes('initiator'));
    expect(provider.map((permit) => permit.txId)).toEqual(many.slice(-16).map((permit) => permit.txId));
    expect(codeOf({ state, party: 'provider', permitTxId: many[0]?.txId ?? '' })).toBe('NO_PERMIT');
  });

  it('are all that a witness keeps or takes, of a bundle of one stream too', () => {
    for (const streams of [1, 2]) {
      const permitted = withPermits({});
      const state = apply(
        { ...permitted, bundle: { ...permitted.bundle, streams } },
        authorized(
          50,
          permitRecord({
            txId: txId(80),
            party: 'stranger',
          }),
        ),
      ).next;
      expect(state.permits.map((permit) => permit.txId)).not.toContain(txId(80));
      const forged = {
        ...state,
        permits: state.permits.map((permit) => ({ ...permit, parties: ['stranger'] })),
      };
      expect(codeOf({ state: forged, party: 'stranger' })).toBe('NO_PERMIT');
    }
  });
});
