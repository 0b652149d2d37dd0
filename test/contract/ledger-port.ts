import { EVENTS, TRANSACTIONS, type LedgerEvent } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';

/** A ledger with one node that may send heartbeats. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly nodeId: string;
  /** Frees what the ledger was made of, the ledger itself included. */
  stop(): Promise<void>;
}

/** Reads events until there are `count` heartbeats, and closes the subscription. */
export async function takeHeartbeats(
  ledger: Ledger,
  count: number,
  after?: { readonly blockNumber: bigint; readonly txId: string },
): Promise<LedgerEvent[]> {
  const stop = new AbortController();
  const taken: LedgerEvent[] = [];
  for await (const event of ledger.events({ after, signal: stop.signal })) {
    if (event.name !== EVENTS.heartbeat) continue;
    taken.push(event);
    if (taken.length === count) stop.abort();
  }
  return taken;
}

/** What every `Ledger` does, the real adapter and the fake alike. */
export function describeLedger(name: string, start: () => Promise<LedgerUnderTest>): void {
  describe(`${name}, as a Ledger`, () => {
    let under: LedgerUnderTest;
    const beat = (): Promise<{ readonly txId: string; readonly blockNumber: bigint }> =>
      under.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: under.nodeId });
    beforeEach(async () => {
      under = await start();
    });
    afterEach(() => under.stop());

    it('commits, and announces what committed, in order, from the first block on', async () => {
      const first = await beat();
      const second = await beat();
      expect(second.blockNumber > first.blockNumber).toBe(true);
      const events = await takeHeartbeats(under.ledger, 2);
      expect(events.map(({ txId, blockNumber }) => ({ txId, blockNumber }))).toEqual(
        [first, second].map(({ txId, blockNumber }) => ({ txId, blockNumber })),
      );
      expect(events[0]?.payload).toMatchObject({ nodeId: under.nodeId });
    });

    it('goes on after a position, and with what comes later', async () => {
      const first = await beat();
      const later = takeHeartbeats(under.ledger, 2, first);
      const second = await beat();
      const third = await beat();
      expect((await later).map(({ txId }) => txId)).toEqual([second.txId, third.txId]);
    });

    it('ends a subscription without an error when it is aborted or the ledger is closed', async () => {
      const stop = new AbortController();
      stop.abort();
      const none: LedgerEvent[] = [];
      for await (const event of under.ledger.events({ signal: stop.signal })) none.push(event);
      expect(none).toEqual([]);
      const open = takeHeartbeats(under.ledger, 1_000);
      await beat();
      under.ledger.close();
      expect((await open).length).toBeLessThan(1_000);
    });

    it('refuses arguments that are no canonical JSON before it sends anything', async () => {
      const argument = { nodeId: under.nodeId, more: 0.5 };
      await expect(under.ledger.submit(TRANSACTIONS.heartbeat, argument)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    });

    it('does nothing for a caller that has cancelled', async () => {
      const signal = AbortSignal.abort();
      await expect(
        under.ledger.submit(TRANSACTIONS.heartbeat, { nodeId: under.nodeId }, { signal }),
      ).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
