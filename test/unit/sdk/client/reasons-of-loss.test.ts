import { EkoError } from '@eko/protocol';
import { type LedgerEvent, EVENTS } from '@eko/protocol/ledger';
import { CLIENT_BOUNDS } from '../../../../client-sdk/sdk/src/client/client-bounds';
import { ReasonsOfLoss } from '../../../../client-sdk/sdk/src/client/reasons-of-loss';
import { LiveStreams } from '../../../../client-sdk/sdk/src/streams/live-streams';
import { FakeLedger } from '../../../support/simulated/fake-ledger';
import { ManualClock } from '../../../support/simulated/manual-clock';

const STREAM = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0';
const LOSS = new EkoError('STREAM_CUT', 'cut');

describe('why a connection was lost', () => {
  const clock = new ManualClock();
  const closing = new AbortController();
  const live = new LiveStreams({ clock });
  const ledger = new FakeLedger();
  const reasons = new ReasonsOfLoss({
    ledger,
    live,
    clock,
    bounds: CLIENT_BOUNDS,
    observer: {},
    closing: closing.signal,
  });
  const lostWith = (leftMs: number): Promise<Error> =>
    reasons.of({ streamId: STREAM, notAfterUnixMs: clock.nowUnixMs() + leftMs }, LOSS);
  const beat = (aheadMs: number): void => {
    const payload = { nodeId: 'dealer-1', atUnixMs: clock.nowUnixMs() + aheadMs };
    reasons.observe({ name: EVENTS.heartbeat, payload, blockNumber: 1n, txId: 'a' } satisfies LedgerEvent);
  };
  const settled = async (answer: Promise<Error>): Promise<string> => {
    const later = new Promise<string>((resolve) => setImmediate(() => setImmediate(() => resolve('waits'))));
    return Promise.race([answer.then((error) => (error instanceof EkoError ? error.code : '')), later]);
  };

  it('is the loss once the ledger is past it', async () => {
    const answer = lostWith(3_600_000);
    beat(999);
    expect(await settled(answer)).toBe('waits');
    beat(1_000);
    expect(await settled(answer)).toBe('STREAM_CUT');
  });

  it('is the loss when the bound is over and the ledger is out of sight', async () => {
    const answer = lostWith(3_600_000);
    clock.advance(CLIENT_BOUNDS.reasonMs - 1);
    expect(await settled(answer)).toBe('waits');
    clock.advance(1);
    expect(await answer).toBe(LOSS);
  });

  it('is the time of the stream where the other clock was ahead, whatever heartbeat comes', async () => {
    const answer = lostWith(4_000);
    beat(2_000);
    expect(await settled(answer)).toBe('waits');
    clock.advance(CLIENT_BOUNDS.reasonMs);
    expect(await answer).toMatchObject({ code: 'STREAM_ENDED', details: { reason: 'expired' } });
  });

  it('is the end that comes, and at once the end that is known, without a question', async () => {
    const asked = ledger.calls.length;
    const answer = lostWith(3_600_000);
    live.end(STREAM, 'completed');
    expect(await answer).toMatchObject({ code: 'STREAM_ENDED', details: { reason: 'completed' } });
    expect(await lostWith(3_600_000)).toMatchObject({
      code: 'STREAM_ENDED',
      details: { reason: 'completed' },
    });
    expect(clock.waiting).toBe(0);
    expect(ledger.calls).toHaveLength(asked);
  });
});
