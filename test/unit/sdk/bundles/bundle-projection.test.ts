import { EVENTS, type BundleView, type LedgerEvent } from '@eko/protocol';
import { BundleProjection, activeIndicesOf, isBundleOver, streamStatusOf } from '@eko/sdk';
import {
  BUNDLE_ID,
  assignmentRecord,
  at,
  bundleRecord,
  ended,
  endRecord,
  recorded,
  requested,
  txId,
} from '../../../support/ledger/ledger-facts';

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
    assignment: assignmentRecord(),
  },
});
const accepted = at(2, {
  name: EVENTS.streamsAccepted,
  payload: { acceptance: { bundleId: BUNDLE_ID, by: 'provider', txId: txId(2), atUnixMs: 1 } },
});

describe('BundleProjection', () => {
  it('follows a bundle from request to end', () => {
    const projection = BundleProjection.ofParty('initiator');
    expect(stateOf(apply(projection, withoutOffer))).toBe('requested');
    expect(stateOf(apply(projection, accepted))).toBe('accepted');
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

  it('forgets the bundles that ended first when there are many', () => {
    const projection = new BundleProjection({ concerns: () => true, endedKept: 2 });
    const ids = [1, 2, 3].map((n) => `0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5${n}`);
    for (const bundleId of ids) {
      const bundle = bundleRecord({ bundleId });
      projection.apply(
        at(1, { name: EVENTS.streamsRequested, payload: { bundle, assignment: assignmentRecord() } }),
      );
      projection.apply(ended(2, endRecord({ bundleId })));
    }
    expect(ids.map((bundleId) => projection.get(bundleId) !== undefined)).toEqual([false, true, true]);
  });
});
