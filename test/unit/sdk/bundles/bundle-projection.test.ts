import { LIMITS } from '@eko/protocol';
import { EVENTS, type BundleView, type LedgerEvent } from '@eko/protocol/ledger';
import { streamStatusOf } from '@eko/sdk/node';
import { BundleProjection } from '../../../../client-sdk/sdk/src/bundles/bundle-projection';
import { activeIndicesOf, isBundleOver } from '../../../../client-sdk/sdk/src/bundles/stream-status';
import {
  BUNDLE_ID,
  accepted as acceptedAt,
  assignmentRecord,
  at,
  bundleRecord,
  ended,
  endRecord,
  recorded,
  requested,
} from '../../../support/data/ledger-facts';

const apply = (projection: BundleProjection, ...events: readonly LedgerEvent[]): BundleView | undefined => {
  for (const event of events) projection.apply(event);
  return projection.get(BUNDLE_ID);
};
const stateOf = (view: BundleView | undefined, index = 0): string | undefined =>
  view === undefined ? undefined : streamStatusOf(view, index).state;
const withoutOffer = at(1, {
  name: EVENTS.streamsRequested,
  payload: {
    bundle: (({ offerId: _offerId, ...bundle }) => bundle)(bundleRecord()),
  },
});
const accepted = acceptedAt(2);

/** Bundles requested one after the other, each of which has ended. */
const viewOf = (n: number): BundleView => {
  const bundleId = `0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5${n}`;
  const bundle = bundleRecord({ bundleId, requestedAtUnixMs: 1_000_000 + n });
  const ends = [endRecord({ bundleId, atUnixMs: 1_002_000 + n })];
  return { bundle, assignments: [assignmentRecord()], dealings: [], ends };
};
const overViews = [1, 2, 3].map(viewOf);
const idsOf = (views: readonly BundleView[]): string[] => views.map(({ bundle }) => bundle.bundleId);
const requestOf = ({ bundle }: BundleView): LedgerEvent =>
  at(1, { name: EVENTS.streamsRequested, payload: { bundle, assignment: assignmentRecord() } });

describe('BundleProjection', () => {
  it('follows a bundle from request to end', () => {
    const projection = BundleProjection.ofParty('initiator');
    expect(stateOf(apply(projection, withoutOffer))).toBe('requested');
    expect(projection.get(BUNDLE_ID)?.assignments).toEqual([]);
    expect(stateOf(apply(projection, accepted))).toBe('accepted');
    expect(projection.get(BUNDLE_ID)?.assignments).toEqual([assignmentRecord()]);
    expect(stateOf(apply(projection, recorded(3)))).toBe('active');
    const view = apply(projection, ended(4, endRecord({ index: 0, reason: 'completed' })));
    expect([stateOf(view, 0), stateOf(view, 1)]).toEqual(['ended', 'active']);
    expect(view === undefined ? [] : activeIndicesOf(view)).toEqual([1]);
    const over = apply(projection, ended(5, endRecord({ index: 1, reason: 'revoked' })));
    expect(over !== undefined && isBundleOver(over)).toBe(true);
    expect(over === undefined ? undefined : streamStatusOf(over, 1).end?.reason).toBe('revoked');
  });

  it('changes nothing on doubles and replays', () => {
    const projection = BundleProjection.ofParty('provider');
    const events = [requested(1), accepted, recorded(2), ended(3, endRecord())];
    const view = apply(projection, ...events);
    let changes = 0;
    projection.watch(() => (changes += 1));
    expect(apply(projection, ...events, ...events)).toBe(view);
    expect(changes).toBe(0);
  });

  it('ignores bundles of others and events about unknown ones', () => {
    expect(apply(BundleProjection.ofParty('somebody'), requested(1), recorded(2))).toBeUndefined();
    expect(apply(BundleProjection.ofParty('initiator'), recorded(2), ended(3, endRecord()))).toBeUndefined();
  });

  it('walks the bundles in the order of their IDs, from one of them on, whatever came and went', () => {
    const projection = new BundleProjection({ concerns: () => true, endedKept: { bundles: 2 } });
    const walk = (first?: string): string[] => idsOf([...projection.inOrder(first)]);
    const id = (n: number): string => viewOf(n).bundle.bundleId;
    expect(walk()).toEqual([]);
    projection.restore([4, 2].map(viewOf));
    expect(walk()).toEqual([id(2), id(4)]);
    for (const n of [5, 3]) projection.apply(requestOf(viewOf(n)));
    projection.apply(requestOf(viewOf(3)));
    expect(walk()).toEqual([2, 3, 4, 5].map(id));
    expect(walk(id(3))).toEqual([3, 4, 5].map(id));
    expect(walk(`${id(3)}x`)).toEqual([4, 5].map(id));
    // The oldest of three that are over is forgotten.
    projection.apply(ended(9, endRecord({ bundleId: id(5) })));
    expect(walk()).toEqual([3, 4, 5].map(id));
    projection.apply(requestOf(viewOf(1)));
    expect(walk(id(0))).toEqual([1, 3, 4, 5].map(id));
    expect(walk(id(6))).toEqual([]);
  });

  it('tells listeners of their bundle until they stop', () => {
    const projection = BundleProjection.ofParty('initiator');
    const seen: string[] = [];
    const stop = projection.watch((view) => seen.push(streamStatusOf(view, 0).state), BUNDLE_ID);
    projection.watch(() => seen.push('never'), 'another bundle');
    apply(projection, requested(1), recorded(2));
    stop();
    apply(projection, ended(3, endRecord()));
    expect(seen).toEqual(['accepted', 'active']);
  });

  it('waits for a state, already there or to come, and not for ever', async () => {
    const projection = BundleProjection.ofParty('initiator');
    const isActive = (view: BundleView): true | undefined =>
      streamStatusOf(view, 0).state === 'active' ? true : undefined;
    const waiting = projection.until(BUNDLE_ID, 'Activation', { deadlineMs: 10_000 }, isActive);
    apply(projection, requested(1), recorded(2));
    expect(await waiting).toBe(true);
    expect(await projection.until(BUNDLE_ID, 'Activation', { deadlineMs: 10_000 }, isActive)).toBe(true);
    await expect(projection.until('other', 'Activation', { deadlineMs: 5 }, isActive)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('forgets the bundles that ended first when there are many, and says which', () => {
    const projection = new BundleProjection({ concerns: () => true, endedKept: { bundles: 2 } });
    const forgotten: string[] = [];
    const stop = projection.watchForgotten((bundleId) => forgotten.push(bundleId));
    for (const view of overViews) {
      projection.apply(requestOf(view));
      projection.apply(ended(2, ...view.ends));
    }
    expect(idsOf(projection.all())).toEqual(idsOf(overViews.slice(1)));
    expect(forgotten).toEqual(idsOf(overViews.slice(0, 1)));
    stop();
  });

  it('keeps no more of them than fits, however large each is', () => {
    const size = JSON.stringify(viewOf(1)).length;
    const endedKept = { characters: 2 * size + 1 };
    const projection = new BundleProjection({ concerns: () => true, endedKept });
    for (const view of overViews) {
      projection.apply(requestOf(view));
      projection.apply(ended(2, ...view.ends));
    }
    expect(idsOf(projection.all())).toEqual(idsOf(overViews.slice(1)));
  });

  it('lets a request lapse that nobody accepts, by its own clock, and tells its listeners', () => {
    const projection = BundleProjection.ofParty('initiator');
    apply(projection, withoutOffer);
    const states: (string | undefined)[] = [];
    projection.watch((view) => states.push(stateOf(view)), BUNDLE_ID);
    const lapsesAt = 1_600_000 + LIMITS.clockSkewMs;
    expect(projection.lapse(lapsesAt - 1)).toEqual([]);
    expect(idsOf(projection.lapse(lapsesAt))).toEqual([BUNDLE_ID]);
    expect(projection.lapse(lapsesAt + 1)).toEqual([]);
    expect(states).toEqual(['ended']);
    const view = projection.get(BUNDLE_ID)!;
    expect(streamStatusOf(view, 1).end).toEqual({
      bundleId: BUNDLE_ID,
      reason: 'expired',
      atUnixMs: 1_600_000,
    });
    expect([isBundleOver(view), activeIndicesOf(view)]).toEqual([true, []]);
  });

  it('lets what was accepted lapse as failed, and nothing that was dealt', () => {
    const projection = BundleProjection.ofParty('initiator');
    apply(projection, withoutOffer, accepted);
    const [lapsed] = projection.lapse(1e12);
    expect(lapsed?.lapse?.reason).toBe('failed');
    const dealt = BundleProjection.ofParty('initiator');
    apply(dealt, withoutOffer, accepted, recorded(3));
    expect(dealt.lapse(1e15)).toEqual([]);
  });

  it('has old requests lapse by the time of later ones while it reads old blocks', () => {
    const kept = { bundles: 1 };
    const projection = new BundleProjection({ concerns: () => true, endedKept: kept });
    const waits = [0, 1, 2, 3].map((n) => {
      const offered = bundleRecord({
        bundleId: `0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5${n}`,
        requestedAtUnixMs: 1_000_000 + n * 700_000,
        notAfterUnixMs: 9_000_000,
      });
      const bundle = (({ offerId: _offerId, ...asked }) => asked)(offered);
      return { bundle, assignments: [], dealings: [], ends: [] };
    });
    for (const view of waits) projection.apply(requestOf(view));
    // The first two are over, of which one is kept; the third could still be accepted when the fourth came.
    expect(idsOf(projection.all())).toEqual(idsOf(waits.slice(1)));
    expect(projection.all().map((view) => stateOf(view))).toEqual(['ended', 'requested', 'requested']);
  });

  it('takes back a lapse that the records contradict', () => {
    const projection = BundleProjection.ofParty('initiator');
    apply(projection, withoutOffer);
    projection.lapse(1e12);
    expect(stateOf(apply(projection, accepted, recorded(3)))).toBe('active');
  });

  it('has after a restart what it had before, in whatever order it is given back', () => {
    const projection = new BundleProjection({ concerns: () => true, endedKept: { bundles: 2 } });
    const living = { ...viewOf(0), ends: [] };
    const changes: string[] = [];
    projection.watch(({ bundle }) => changes.push(bundle.bundleId));
    projection.restore([living, ...overViews].reverse());
    expect(idsOf(projection.all())).toEqual(idsOf([living, ...overViews.slice(1)]));
    expect(changes).toEqual([]);
    expect(projection.get(living.bundle.bundleId)).toBe(living);
    // What ends next pushes out what ended first.
    projection.apply(ended(9, endRecord({ bundleId: living.bundle.bundleId, atUnixMs: 2_000_000 })));
    expect(idsOf(projection.all())).toEqual(idsOf([living, ...overViews.slice(2)]));
  });
});
