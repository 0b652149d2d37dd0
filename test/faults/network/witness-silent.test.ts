import { isEkoError } from '@eko/protocol';
import { EVENTS, destructionsBy } from '@eko/protocol/ledger';
import { COLLECTION_BOUNDS } from '../../../client-sdk/sdk/src/collection/collection-ports';
import { ProcessNetwork } from '../../support/processes/process-network';
import { until } from '../../support/until';
import { rejectionOf } from '../../support/coded-error';

const [FIRST, SECOND, THIRD, FOURTH, PAUSED] = [
  'witness-1',
  'witness-2',
  'witness-3',
  'witness-4',
  'witness-5',
] as const;
const TAKEN = 'eko_witness_envelopes_taken_total';
const DEALERS = 2;
/** Short at the witness that stands still, so that a pause soon outlasts it. */
const PERMIT_MS = 1_000;
/** Every second time the stream is revoked meanwhile; the other times the permit alone has grown old. */
const PAUSES = 4;

describe('witness processes that are killed or stand still', () => {
  let network: ProcessNetwork;

  beforeAll(async () => {
    network = await ProcessNetwork.start({
      settings: { [PAUSED]: { permitLifetimeMs: PERMIT_MS, clockToleranceMs: 0 } },
      bounds: { collection: { ...COLLECTION_BOUNDS, deadlineMs: 5_000, callMs: 2_000 } },
    });
  }, 60_000);
  afterEach(async () => {
    network.thawAll();
    expect(await network.unsettled()).toEqual([]);
    expect(network.lost).toEqual([]);
  });
  afterAll(() => network.stop(), 30_000);

  /** An active bundle whose shares all witnesses that run have on disk. */
  async function heldBundle(...holders: readonly string[]): Promise<string> {
    const before = await Promise.all(holders.map((holder) => network.metric(holder, TAKEN)));
    const { bundleId } = await network.request();
    await network.until(bundleId, 'active');
    await Promise.all(
      holders.map((holder, place) => network.untilMetric(holder, TAKEN, (before[place] ?? 0) + DEALERS)),
    );
    return bundleId;
  }

  it('get their shares when they are back, and a quorum suffices until then', async () => {
    await network.kill(FIRST, SECOND);
    const { bundleId } = await network.request();
    await network.until(bundleId, 'active');
    expect(await network.keysAgree(bundleId)).toBe(true);

    await network.restart(FIRST, SECOND);
    for (const late of [FIRST, SECOND]) await network.untilMetric(late, TAKEN, DEALERS);
  }, 60_000);

  it('are done without at the release while a quorum is left, and named when none is', async () => {
    const bundleId = await heldBundle(FIRST, SECOND, THIRD, FOURTH, PAUSED);
    expect(await network.keysAgree(bundleId)).toBe(true);
    await network.kill(THIRD, FOURTH);
    await network.initiator.connect();
    expect(await network.keysAgree(bundleId)).toBe(true);

    await network.kill(FIRST);
    await network.initiator.connect();
    const refusal = await rejectionOf(network.initiator.keyOf(bundleId));
    expect(refusal.code).toBe('QUORUM_UNAVAILABLE');
    expect(refusal.details['silent']).toEqual([FIRST, THIRD, FOURTH]);

    await network.restart(FIRST);
    expect(await network.keysAgree(bundleId)).toBe(true);
    await network.restart(THIRD, FOURTH);
  }, 90_000);

  it(`release nothing on a permit that grew old while they stood still, revoked or not (${PAUSES} times)`, async () => {
    const { initiator, provider } = network;
    const { bundleId } = await network.request({ streams: PAUSES + 1 });
    await network.until(bundleId, 'active');
    await until('the witness releases while it runs', async () => {
      const permitTxId = await initiator.permit(bundleId, PAUSES);
      try {
        return await initiator.askForShares(PAUSED, { bundleId, index: PAUSES, permitTxId });
      } catch (error) {
        if (isEkoError(error, 'PERMIT_TOO_OLD', 'NO_PERMIT')) return undefined;
        throw error;
      }
    });

    for (let index = 0; index < PAUSES; index += 1) {
      const permitTxId = await initiator.permit(bundleId, index);
      const permittedAtMs = performance.now();
      const answer = rejectionOf(initiator.askForShares(PAUSED, { bundleId, index, permitTxId }));
      network.freeze(PAUSED);
      const isRevoked = index % 2 === 0;
      if (isRevoked) await (await provider.stream(bundleId, index)).revoke();
      await until('the permit is over age', () => performance.now() > permittedAtMs + PERMIT_MS);
      network.thaw(PAUSED);
      const { code } = await answer;
      expect(isRevoked ? ['PERMIT_TOO_OLD', 'STREAM_ENDED', 'NO_PERMIT'] : ['PERMIT_TOO_OLD']).toContain(
        code,
      );
    }
  }, 90_000);

  it('hold no share once they are back from a kill during which the stream was revoked', async () => {
    const bundleId = await heldBundle(THIRD);
    await network.kill(THIRD);
    const before = await network.sharesOnDisk(THIRD, bundleId);
    expect(before.names).toHaveLength(DEALERS);
    const stream = await network.provider.stream(bundleId);
    await stream.revoke();

    await network.restart(THIRD);
    await until('the witness attests', () =>
      network.provider.events.some(
        (event) =>
          event.name === EVENTS.destructionAttested &&
          destructionsBy(event.payload.record, THIRD).some((each) => each.bundleId === bundleId),
      ),
    );
    await network.kill(THIRD);
    expect(await network.sharesOnDisk(THIRD, bundleId)).toEqual({
      count: before.count - DEALERS,
      names: [],
    });
    await network.restart(THIRD);
  }, 60_000);
});
