import { once } from 'node:events';
import { type StreamRequest } from '@eko/protocol';
import { EVENTS, TRANSACTIONS } from '@eko/protocol/ledger';
import type { EkoClient, EkoStream, SecureStream } from '@eko/sdk';
import { HeldLedger } from './held-ledger';
import { INITIATOR, PROVIDER } from '../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../support/simulated/client-harness';
import { rejectionOf } from '../../support/coded-error';
import { closeOf } from '../../support/in-process/read-to-end';
import { until } from '../../support/until';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read', 'write'] };
const LOCAL = { host: '127.0.0.1', port: 0 };
const REVOKED = { code: 'STREAM_ENDED', details: { reason: 'revoked' } };
/** Longer than any test: what is told earlier was not told by the bound. */
const NEVER_MS = 300_000;

describe('a connection that the other end cuts because it saw the end of the stream first', () => {
  let harness: ClientHarness;
  let ledgers: Record<'initiator' | 'provider', HeldLedger>;
  let clients: Record<'initiator' | 'provider', EkoClient>;
  let stream: EkoStream;
  let accepted: SecureStream[];

  async function start(reasonMs: number): Promise<void> {
    harness = new ClientHarness();
    ledgers = { initiator: new HeldLedger(harness.ledger), provider: new HeldLedger(harness.ledger) };
    clients = {
      initiator: await harness.connect(INITIATOR, { ledger: ledgers.initiator, bounds: { reasonMs } }),
      provider: await harness.connect(PROVIDER, { ledger: ledgers.provider, bounds: { reasonMs } }),
    };
    accepted = [];
    const { address } = await clients.provider.listen((connection) => {
      connection.on('error', () => undefined);
      accepted.push(connection);
    }, LOCAL);
    harness.register(`${address.host}:${address.port}`);
    stream = await clients.initiator.requestStream(harness.policy, REQUEST);
  }

  afterEach(async () => {
    for (const each of Object.values(ledgers)) each.release();
    await Promise.all(Object.values(clients).map((client) => client.close()));
  });

  /** Both ends of a connection, by side; a first byte has gone each way. */
  async function open(): Promise<Record<'initiator' | 'provider', SecureStream>> {
    const count = accepted.length;
    const initiator = await stream.open();
    initiator.on('error', () => undefined).write('x');
    await until('the connection is accepted', () => accepted.length > count);
    const provider = accepted[count];
    if (provider === undefined) throw new Error('nothing was accepted');
    await once(provider, 'data');
    provider.write('y');
    await once(initiator, 'data');
    return { initiator, provider };
  }

  /** Ends the stream at one side alone, and waits until that side's connection is cut. */
  async function endSeenBy(side: 'initiator' | 'provider', connection: SecureStream): Promise<void> {
    ledgers[side === 'initiator' ? 'provider' : 'initiator'].hold();
    const cut = closeOf(connection);
    await harness.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    await cut;
    expect(connection.errored).toMatchObject(REVOKED);
  }

  const SIDES = [
    ['initiator', 'provider'],
    ['provider', 'initiator'],
  ] as const;

  it.each(SIDES)(
    'says STREAM_ENDED to a %s that only reads, when its own event comes',
    async (late, first) => {
      await start(NEVER_MS);
      const ends = await open();
      const seen = once(ends[late], 'close');
      const lost = jest.fn();
      ends[late].once('error', lost);
      const calls = harness.ledger.calls.length;
      await endSeenBy(first, ends[first]);
      // The loss is here once the ledger is asked about it.
      await asked(calls);
      expect(lost).not.toHaveBeenCalled();
      expect(ends[late].destroyed).toBe(false);
      ledgers[late].release();
      await seen.catch(() => undefined);
      expect(ends[late].errored).toMatchObject(REVOKED);
      expect(ends[late].readableEnded).toBe(false);
    },
  );

  it.each(SIDES)('says STREAM_ENDED to a %s that writes, by the write itself', async (late, first) => {
    await start(NEVER_MS);
    const ends = await open();
    ends[late].pause();
    const calls = harness.ledger.calls.length;
    await endSeenBy(first, ends[first]);
    const failed = new Promise<Error | null | undefined>((resolve) => {
      const more = (): void => {
        ends[late].write(Buffer.alloc(64 * 1024), (error) => {
          if (error === undefined || error === null) setImmediate(more);
          else resolve(error);
        });
      };
      more();
    });
    await asked(calls);
    ledgers[late].release();
    expect(await failed).toMatchObject(REVOKED);
    expect(ends[late].errored).toMatchObject(REVOKED);
  });

  it.each(SIDES)(
    'takes the word of the own peer for it, where its events are late (%s)',
    async (late, first) => {
      await start(NEVER_MS);
      const ends = await open();
      ledgers[late].readsAreNew = true;
      const closed = closeOf(ends[late].resume());
      await endSeenBy(first, ends[first]);
      await closed;
      expect(ends[late].errored).toMatchObject(REVOKED);
    },
  );

  it('says STREAM_ENDED to who opens when the provider lets nobody in any more', async () => {
    await start(NEVER_MS);
    const ends = await open();
    const calls = harness.ledger.calls.length;
    await endSeenBy('provider', ends.provider);
    const refused = rejectionOf(stream.open());
    await asked(calls);
    ledgers.initiator.release();
    expect(await refused).toMatchObject(REVOKED);
  });

  it('says STREAM_ENDED to who opens by the word of the own peer', async () => {
    await start(NEVER_MS);
    await stream.whenActive();
    ledgers.initiator.hold();
    ledgers.initiator.readsAreNew = true;
    await clients.provider.stream(stream.id).revoke();
    expect(await rejectionOf(stream.open())).toMatchObject(REVOKED);
  });

  it.each(SIDES)(
    'is a cut when the ledger has passed it and says nothing of an end (%s)',
    async (side, other) => {
      await start(NEVER_MS);
      const ends = await open();
      const calls = harness.ledger.calls.length;
      const closed = closeOf(ends[side].resume());
      ends[other].destroy();
      await asked(calls);
      expect(ends[side].destroyed).toBe(false);
      harness.ledger.emit({ name: EVENTS.heartbeat, payload: { nodeId: 'dealer-1', atUnixMs: Date.now() } });
      await turn();
      expect(ends[side].destroyed).toBe(false);
      harness.ledger.emit({
        name: EVENTS.heartbeat,
        payload: { nodeId: 'dealer-1', atUnixMs: Date.now() + 1_000 },
      });
      await closed;
      expect(ends[side].errored).toMatchObject({ code: 'STREAM_CUT' });
    },
  );

  it('costs fewer questions than streams where a whole bundle is lost at once', async () => {
    await start(NEVER_MS);
    const streams = await clients.initiator.requestStreams(
      harness.policy,
      Array<StreamRequest>(8).fill(REQUEST),
    );
    const ends: SecureStream[] = [];
    for (stream of streams) ends.push((await open()).initiator);
    const calls = harness.ledger.calls.length;
    const closed = Promise.all(ends.map((each) => closeOf(each.resume())));
    ledgers.initiator.hold();
    ledgers.initiator.readsAreNew = true;
    await harness.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    await closed;
    for (const each of ends) expect(each.errored).toMatchObject(REVOKED);
    const questions = harness.ledger.calls
      .slice(calls)
      .filter(({ name }) => name === TRANSACTIONS.readBundle);
    expect(questions.length).toBeGreaterThan(0);
    expect(questions.length).toBeLessThan(ends.length / 2);
  });

  it('is a cut when the bound is over', async () => {
    await start(20);
    const ends = await open();
    const closed = closeOf(ends.initiator.resume());
    ends.provider.destroy();
    await closed;
    expect(ends.initiator.errored).toMatchObject({ code: 'STREAM_CUT' });
  });

  it('answers for a failure that a program had elsewhere', async () => {
    await start(NEVER_MS);
    const ends = await open();
    await endSeenBy('provider', ends.provider);
    const given = await rejectionOf(stream.open({ deadlineMs: 50 }));
    const reason = stream.reasonOf(given);
    ledgers.initiator.release();
    expect(await reason).toMatchObject(REVOKED);
  });

  /** Waits until a client has asked its peer why a connection was lost. */
  function asked(since: number): Promise<void> {
    return until('a client asks why', () =>
      harness.ledger.calls.slice(since).some(({ name }) => name === TRANSACTIONS.readBundle),
    ).then(turn);
  }
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
