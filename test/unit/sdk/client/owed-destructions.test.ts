import { OwedDestructions } from '../../../../client-sdk/sdk/src/client/owed-destructions';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';

describe('OwedDestructions', () => {
  const { view } = newDealtBundle({ streams: 4 });
  const { bundleId } = view.bundle;
  /** Who had the dealings recorded. */
  const gatherer = view.dealings[0]?.by;
  let owed: OwedDestructions;
  const all = () => [...owed.all()];
  beforeEach(() => {
    owed = new OwedDestructions();
  });

  it('owes each ended stream until it is attested', () => {
    owed.ended(view, [2]);
    owed.ended(view, [0]);
    expect(all()).toEqual([{ bundleId, epoch: 1, streams: [0, 2], gatherer }]);
    owed.attested([{ bundleId, epoch: 1, streams: [2] }]);
    expect(all()).toEqual([{ bundleId, epoch: 1, streams: [0], gatherer }]);
    owed.attested([{ bundleId, epoch: 1, streams: [0] }]);
    expect(owed.isEmpty).toBe(true);
  });

  it('owes the whole bundle once that has ended', () => {
    owed.ended(view, [1]);
    owed.ended(view, 'all');
    owed.attested([{ bundleId, epoch: 1, streams: [1] }]);
    expect(all()).toEqual([{ bundleId, epoch: 1, streams: 'all', gatherer }]);
    owed.attested([{ bundleId, epoch: 1, streams: 'all' }]);
    expect(owed.isEmpty).toBe(true);
  });

  it('owes nothing of what was never dealt', () => {
    owed.ended({ ...view, dealings: [] }, 'all');
    expect(owed.isEmpty).toBe(true);
  });
});
