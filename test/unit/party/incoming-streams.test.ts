import { PassThrough } from 'node:stream';
import { rejectionOf } from '../../support/node-kit/rejection';
import { IncomingStreams } from '../../../network/party/src/adapters/incoming-streams';

const STREAM = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e/0';
const never = { deadlineMs: 30_000, signal: new AbortController().signal };

describe('incoming streams', () => {
  it('hand a connection to the program that waits, else to the next that asks', async () => {
    const incoming = new IncomingStreams();
    const [first, second] = [new PassThrough(), new PassThrough()];
    const waiting = incoming.next(STREAM, never);
    void incoming.arrived(STREAM, first);
    expect(await waiting).toBe(first);
    void incoming.arrived(STREAM, second);
    expect(await incoming.next(STREAM, never)).toBe(second);
    for (const connection of [first, second]) connection.destroy();
  });

  it('keep connections of other streams apart, and hand over none that has closed', async () => {
    const incoming = new IncomingStreams();
    const closed = new PassThrough();
    const over = incoming.arrived(STREAM, closed);
    closed.destroy();
    await over;
    const other = new PassThrough();
    void incoming.arrived(STREAM.replace('/0', '/1'), other);
    const stop = new AbortController();
    const waiting = rejectionOf(incoming.next(STREAM, { ...never, signal: stop.signal }));
    stop.abort();
    expect((await waiting).code).toBe('CANCELLED');
    other.destroy();
  });

  it('hold a few connections of a stream and refuse more', async () => {
    const incoming = new IncomingStreams();
    const connections = Array.from({ length: 6 }, () => new PassThrough());
    for (const connection of connections) void incoming.arrived(STREAM, connection);
    expect(connections.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true, true]);
    for (const connection of connections) connection.destroy();
  });

  it('do not give a connection to a program that has left', async () => {
    const incoming = new IncomingStreams();
    const stop = new AbortController();
    const left = rejectionOf(incoming.next(STREAM, { ...never, signal: stop.signal }));
    stop.abort();
    await left;
    const connection = new PassThrough();
    void incoming.arrived(STREAM, connection);
    expect(await incoming.next(STREAM, never)).toBe(connection);
    connection.destroy();
  });

  describe('as time passes', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('give up a connection that nobody asks for, but never one that a program has', async () => {
      const incoming = new IncomingStreams();
      const [taken, left] = [new PassThrough(), new PassThrough()];
      void incoming.arrived(STREAM, taken);
      expect(await incoming.next(STREAM, never)).toBe(taken);
      void incoming.arrived(STREAM, left);
      jest.advanceTimersByTime(3_600_000);
      expect([taken.destroyed, left.destroyed]).toEqual([false, true]);
      taken.destroy();
    });
  });
});
