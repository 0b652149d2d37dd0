import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import type { FeedEvent } from '@eko/node-kit';
import { EventHistory } from '../../../../network/party/src/service/event-history';

const txId = (n: number): string => n.toString(16).padStart(64, '0');

const ended = (n: number): LedgerEvent => ({
  name: EVENTS.streamsEnded,
  blockNumber: BigInt(n),
  txId: txId(n),
  payload: {
    ends: [
      {
        bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e',
        reason: 'completed',
        by: 'alice',
        txId: txId(n),
        atUnixMs: n,
      },
    ],
  },
});

/** A reader and the IDs that it was sent. */
const newReader = (lastEventId?: string) => {
  const ids: string[] = [];
  return { ids, lastEventId, send: ({ id }: FeedEvent) => ids.push(id), end: () => undefined };
};
const idOf = (n: number): string => `${n}/${txId(n)}`;

describe('the history of a feed', () => {
  it('sends new readers what comes, and returning ones what they missed too', () => {
    const history = new EventHistory();
    const first = newReader();
    const leave = history.subscribe(first);
    history.add(ended(1));
    history.add(ended(2));
    leave();
    history.add(ended(3));
    expect(first.ids).toEqual([idOf(1), idOf(2)]);
    const back = newReader(idOf(1));
    history.subscribe(back);
    history.add(ended(4));
    expect(back.ids).toEqual([idOf(2), idOf(3), idOf(4)]);
  });

  it('leaves heartbeats out', () => {
    const history = new EventHistory();
    const reader = newReader('0/none');
    history.add({
      name: EVENTS.heartbeat,
      blockNumber: 1n,
      txId: txId(1),
      payload: { nodeId: 'alice', atUnixMs: 1 },
    });
    history.subscribe(reader);
    expect(reader.ids).toEqual([]);
  });

  it('keeps so much and no more, and sends all of it to whoever asks for older ones', () => {
    const sizeOfOne = 300;
    const history = new EventHistory(5 * sizeOfOne);
    for (let n = 1; n <= 100; n += 1) history.add(ended(n));
    const reader = newReader(idOf(1));
    history.subscribe(reader);
    expect(reader.ids.at(-1)).toBe(idOf(100));
    expect(reader.ids.length).toBeGreaterThanOrEqual(5);
    expect(reader.ids.length).toBeLessThan(12);
  });
});
