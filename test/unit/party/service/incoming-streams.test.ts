import { PassThrough, type Duplex } from 'node:stream';
import { rejectionOf } from '../../../support/coded-error';
import { IncomingStreams } from '../../../../network/party/src/service/incoming-streams';

const STREAM = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0';
const never = { deadlineMs: 30_000, signal: new AbortController().signal };

describe('incoming streams', () => {
  /** What a stream server does: it asks for readiness, and hands over what is ready. */
  const come = async (incoming: IncomingStreams, connection: Duplex, streamId = STREAM): Promise<void> => {
    await incoming.ready(streamId, connection);
    void incoming.arrived(streamId, connection);
  };

  it('hand a connection to the program that waits, else to the next that asks', async () => {
    const incoming = new IncomingStreams();
    const [first, second] = [new PassThrough(), new PassThrough()];
    const waiting = incoming.next(STREAM, never);
    await come(incoming, first);
    expect(await waiting).toBe(first);
    const coming = come(incoming, second);
    expect(await incoming.next(STREAM, never)).toBe(second);
    await coming;
    for (const connection of [first, second]) connection.destroy();
  });

  it('keep connections of other streams apart, and hand over none that has closed', async () => {
    const incoming = new IncomingStreams();
    const [closed, other] = [new PassThrough(), new PassThrough()];
    const gone = rejectionOf(come(incoming, closed));
    closed.destroy();
    expect((await gone).code).toBe('PEER_UNAVAILABLE');
    const elsewhere = rejectionOf(come(incoming, other, STREAM.replace('/0', '/1')));
    const stop = new AbortController();
    const waiting = rejectionOf(incoming.next(STREAM, { ...never, signal: stop.signal }));
    stop.abort();
    expect((await waiting).code).toBe('CANCELLED');
    other.destroy();
    await elsewhere;
  });

  it('hold a few connections of a stream and refuse more', async () => {
    const incoming = new IncomingStreams();
    const connections = Array.from({ length: 6 }, () => new PassThrough());
    const outcomes = connections.map((connection) => rejectionOf(come(incoming, connection)));
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of connections) connection.destroy();
    const refusals = await Promise.all(outcomes);
    for (const { code } of refusals) expect(code).toBe('PEER_UNAVAILABLE');
    expect(refusals.map(({ message }) => message.startsWith('Too many'))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('do not give a connection to a program that has left', async () => {
    const incoming = new IncomingStreams();
    const stop = new AbortController();
    const left = rejectionOf(incoming.next(STREAM, { ...never, signal: stop.signal }));
    stop.abort();
    await left;
    const connection = new PassThrough();
    const coming = come(incoming, connection);
    expect(await incoming.next(STREAM, never)).toBe(connection);
    await coming;
    connection.destroy();
  });

  it('let a program wait on where its connection is gone before it has it', async () => {
    const incoming = new IncomingStreams();
    const [lost, next] = [new PassThrough(), new PassThrough()];
    const waiting = incoming.next(STREAM, never);
    await incoming.ready(STREAM, lost);
    lost.destroy();
    await new Promise((resolve) => lost.once('close', resolve));
    await come(incoming, next);
    expect(await waiting).toBe(next);
    next.destroy();
  });

  it('give up a connection whose program left before it had it', async () => {
    const incoming = new IncomingStreams();
    const stop = new AbortController();
    const left = rejectionOf(incoming.next(STREAM, { ...never, signal: stop.signal }));
    const connection = new PassThrough();
    await incoming.ready(STREAM, connection);
    stop.abort();
    await left;
    void incoming.arrived(STREAM, connection);
    expect(connection.destroyed).toBe(true);
  });
});
