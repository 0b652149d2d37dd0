import { type StreamRequest } from '@eko/protocol';
import { EVENTS } from '@eko/protocol/ledger';
import type { EkoClient, EkoStream } from '@eko/sdk';
import { INITIATOR } from '../../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../../support/simulated/client-harness';
import { ManualClock } from '../../../support/simulated/manual-clock';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

describe('a client that does not see the ledger advance', () => {
  let harness: ClientHarness;
  let clock: ManualClock;
  let client: EkoClient;
  let troubles: string[];

  beforeEach(async () => {
    harness = new ClientHarness();
    clock = new ManualClock();
    clock.skip(Date.now() - clock.nowUnixMs());
    troubles = [];
    client = await harness.connect(INITIATOR, {
      clock,
      observer: { onTrouble: ({ code }) => troubles.push(code) },
    });
  });
  afterEach(() => client.close());

  async function active(onLedgerLoss: 'close' | 'continue'): Promise<EkoStream> {
    const stream = await client.requestStream({ ...harness.policy, onLedgerLoss }, REQUEST);
    await stream.exportKey('archive', 32);
    return stream;
  }

  const silence = (): void => {
    clock.skip(11_000);
    clock.advance(500);
  };

  it('closes the streams whose policy says so, and records their end when the ledger is back', async () => {
    const closing = await active('close');
    const going = await active('continue');
    silence();
    await expect(closing.exportKey('archive', 32)).rejects.toMatchObject({ code: 'STREAM_ENDED' });
    await going.exportKey('archive', 32);
    expect(troubles).toEqual(['STALE_LEDGER']);
    expect(closing.state).toBe('active');

    const ended = closing.whenEnded({ deadlineMs: 5_000 });
    harness.ledger.emit({ name: EVENTS.heartbeat, payload: { nodeId: 'dealer-1', atUnixMs: 1 } });
    while (client.ledgerView.msSinceAdvance() > 1_000) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    expect(await ended).toMatchObject({ reason: 'failed', index: 0 });
    expect(going.state).toBe('active');
  });

  it('keeps its streams while heartbeats come', async () => {
    const stream = await active('close');
    for (let count = 0; count < 20; count += 1) {
      harness.ledger.emit({ name: EVENTS.heartbeat, payload: { nodeId: 'dealer-1', atUnixMs: count } });
      while (client.ledgerView.msSinceAdvance() > 0) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(5_000);
    }
    await stream.exportKey('archive', 32);
    expect(troubles).toEqual([]);
  });
});
