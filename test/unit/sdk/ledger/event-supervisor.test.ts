import { EkoError } from '@eko/protocol';
import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import type { Checkpoint } from '@eko/sdk';
import { superviseEvents, type EventConsumer, type SupervisedEvents } from '@eko/sdk/node';
import { FakeLedger, txIdOf } from '../../../support/simulated/fake-ledger';

const heartbeat = (n: number): Pick<LedgerEvent, 'name' | 'payload'> => ({
  name: EVENTS.heartbeat,
  payload: { nodeId: 'node', atUnixMs: n },
});

/** Keeps effect and checkpoint together, as a store would; fails on demand before it keeps anything. */
class RecordingConsumer implements EventConsumer {
  readonly applied: LedgerEvent[] = [];
  kept: Checkpoint | undefined;
  failures: unknown[] = [];
  #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  checkpoint(): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.kept);
  }

  async apply(event: LedgerEvent, checkpoint: Checkpoint): Promise<void> {
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure as Error;
    this.applied.push(event);
    this.kept = checkpoint;
    this.#waiting = this.#waiting.filter(({ isMet, resolve }) => {
      if (!isMet()) return true;
      resolve();
      return false;
    });
  }

  /** Waits until so many events were applied. */
  has(count: number): Promise<void> {
    return this.#until(() => this.applied.length >= count);
  }

  /** Waits until the event with this time was applied, whatever came before it. */
  took(time: number): Promise<void> {
    return this.#until(() => this.times.includes(time));
  }

  async #until(isMet: () => boolean): Promise<void> {
    if (!isMet()) await new Promise<void>((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  get times(): number[] {
    return this.applied.map(({ payload }) => (payload as { atUnixMs: number }).atUnixMs);
  }
}

describe('superviseEvents', () => {
  let ledger: FakeLedger;
  let consumer: RecordingConsumer;
  let stop: AbortController;
  let troubles: string[];
  const start = (): SupervisedEvents =>
    superviseEvents({
      ledger,
      consumer,
      signal: stop.signal,
      onTrouble: ({ code }) => troubles.push(code),
      pause: () => Promise.resolve(),
    });

  beforeEach(() => {
    ledger = new FakeLedger();
    consumer = new RecordingConsumer();
    stop = new AbortController();
    troubles = [];
  });
  afterEach(() => {
    stop.abort();
  });

  it('starts at the first block and goes on with what comes', async () => {
    ledger.emit(heartbeat(1));
    const { finished } = start();
    await consumer.has(1);
    ledger.emit(heartbeat(2));
    await consumer.has(2);
    stop.abort();
    await finished;
    expect(consumer.times).toEqual([1, 2]);
  });

  it('resumes after its checkpoint, inside a block too', async () => {
    const block = { blockNumber: 5n };
    ledger.emit(heartbeat(1), { ...block, txId: txIdOf('a') });
    ledger.emit(heartbeat(2), { ...block, txId: txIdOf('b') });
    ledger.emit(heartbeat(3), { ...block, txId: txIdOf('c') });
    ledger.emit(heartbeat(4), { blockNumber: 6n, txId: txIdOf('d') });
    consumer.kept = { ...block, channel: ledger.channel, chaincode: ledger.chaincode, txId: txIdOf('a') };
    start();
    await consumer.took(4);
    expect(consumer.times).toEqual([2, 3, 4]);
  });

  it('applies each event once over breaks, doubles and a replay of 1,000 old blocks', async () => {
    for (let n = 1; n <= 1000; n += 1) ledger.emit(heartbeat(n));
    start();
    await consumer.has(1000);
    ledger.replay();
    ledger.emit(heartbeat(1001));
    await consumer.has(1001);
    ledger.breakSubscriptions();
    ledger.emit(heartbeat(1002));
    await consumer.has(1002);
    expect(consumer.times).toEqual(Array.from({ length: 1002 }, (_, index) => index + 1));
    expect(troubles).toEqual(['LEDGER_UNAVAILABLE']);
  });

  it('takes an event again whose effect was not kept', async () => {
    consumer.failures = [new EkoError('STORE_FULL', 'full')];
    ledger.emit(heartbeat(1));
    start();
    await consumer.has(1);
    expect(consumer.times).toEqual([1]);
    expect(troubles).toEqual(['STORE_FULL']);
  });

  it("ends with the consumer's failure where a new attempt cannot help", async () => {
    consumer.failures = [new EkoError('CORRUPT_RECORD', 'broken')];
    ledger.emit(heartbeat(1));
    await expect(start().finished).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    expect(ledger.subscriptions).toBe(0);
  });

  it.each(['channel', 'chaincode'] as const)('refuses a checkpoint of another %s', async (field) => {
    consumer.kept = {
      channel: ledger.channel,
      chaincode: ledger.chaincode,
      [field]: 'other',
      blockNumber: 1n,
      txId: txIdOf('a'),
    };
    ledger.emit(heartbeat(1), { blockNumber: 2n, txId: txIdOf('b') });
    const { finished } = start();
    const outcome = Promise.race([finished, consumer.has(1).then(() => 'went on')]);
    await expect(outcome).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('tells how long ago the ledger advanced; doubles are no advance', async () => {
    let now = 1_000;
    const { view } = superviseEvents({ ledger, consumer, signal: stop.signal, now: () => now });
    expect(view.height).toBeUndefined();
    expect(view.msSinceAdvance()).toBe(Infinity);
    ledger.emit(heartbeat(1));
    await consumer.has(1);
    now += 700;
    ledger.replay();
    expect(view.height).toBe(1n);
    expect(view.msSinceAdvance()).toBe(700);
  });
});
