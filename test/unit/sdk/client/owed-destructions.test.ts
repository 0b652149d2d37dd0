import { OwedDestructions } from '../../../../client-sdk/sdk/src/client/owed-destructions';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';

describe('OwedDestructions', () => {
  const { view } = newDealtBundle({ streams: 4 });
  const { bundleId } = view.bundle;
  let owed: OwedDestructions;
  beforeEach(() => {
    owed = new OwedDestructions();
  });

  it('owes each ended stream until it is attested', () => {
    owed.ended(view, [2]);
    owed.ended(view, [0]);
    expect(owed.next()).toEqual([{ bundleId, epoch: 1, streams: [0, 2] }]);
    owed.attested({ destructions: [{ bundleId, epoch: 1, streams: [2] }] });
    expect(owed.next()).toEqual([{ bundleId, epoch: 1, streams: [0] }]);
    owed.attested({ destructions: [{ bundleId, epoch: 1, streams: [0] }] });
    expect(owed.isEmpty).toBe(true);
  });

  it('owes the whole bundle once that has ended', () => {
    owed.ended(view, [1]);
    owed.ended(view, 'all');
    owed.attested({ destructions: [{ bundleId, epoch: 1, streams: [1] }] });
    expect(owed.next()).toEqual([{ bundleId, epoch: 1, streams: 'all' }]);
    owed.attested({ destructions: [{ bundleId, epoch: 1, streams: 'all' }] });
    expect(owed.isEmpty).toBe(true);
  });

  it('owes nothing of what was never dealt', () => {
    owed.ended({ ...view, dealings: [] }, 'all');
    expect(owed.isEmpty).toBe(true);
  });

  it('gives at most what one transaction takes', () => {
    for (let count = 0; count < 500; count += 1)
      owed.ended({ ...view, bundle: { ...view.bundle, bundleId: `bundle ${count}` } }, 'all');
    expect(owed.next()).toHaveLength(400);
  });
});
