import { once } from 'node:events';
import type { SecureStream } from '@eko/sdk';
import type { Relay } from '../../../support/in-process/raw-tls';
import { readToEnd } from '../../../support/in-process/read-to-end';
import { relayAtOnce } from './relay-at-once';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

describe('a stream whose other side confirms, says all and ends in one segment', () => {
  let pair: StreamPair;
  let relay: Relay;
  const start = async (
    from: 'client' | 'server',
    handler: (stream: SecureStream) => void,
    onDelivery?: () => void,
  ) => {
    pair = await startStreamPair({ handler });
    relay = await relayAtOnce(pair.port, from, onDelivery);
  };
  afterEach(async () => {
    jest.restoreAllMocks();
    await relay.close();
    await pair.close();
  });

  /** Has the ledger end the stream when a side has checked the proof of the other, and waits for its next turn. */
  const endBeforeHandOut = () => {
    const { setImmediate: later } = globalThis;
    jest.spyOn(globalThis, 'setImmediate').mockImplementationOnce((task: () => void) => {
      for (const side of [pair.initiator, pair.provider]) side.end(pair.keys.streamId, 'revoked');
      return later(task);
    });
  };

  it.each(['', 'all of it'])('is handed to the initiator before it ends, behind "%s"', async (data) => {
    await start('server', (stream) => void stream.resume().end(data));
    const stream = await pair.connect({ port: relay.port });
    expect(stream.readableEnded).toBe(false);
    expect((await readToEnd(stream)).toString()).toBe(data);
    stream.end();
    await pair.drained();
    expect(stream.errored).toBeNull();
  });

  it.each(['', 'all of it'])('is handed to the provider before it ends, behind "%s"', async (data) => {
    const served: { sawEnd: boolean; data: Promise<Buffer> }[] = [];
    await start('client', (stream) => {
      served.push({ sawEnd: stream.readableEnded, data: readToEnd(stream) });
      stream.end();
    });
    const stream = await pair.connect({ port: relay.port });
    stream.resume().end(data);
    await pair.acceptedCount(1);
    expect(served[0]?.sawEnd).toBe(false);
    expect(String(await served[0]?.data)).toBe(data);
    await pair.drained();
    expect(pair.accepted[0]?.stream.errored).toBeNull();
  });

  it('tells who does not read and only waits for the end', async () => {
    await start('server', (stream) => void stream.resume().end());
    const stream = await pair.connect({ port: relay.port });
    await once(stream, 'end');
    expect(stream.errored).toBeNull();
  });

  it('is not handed to an initiator whose stream has ended on the ledger meanwhile', async () => {
    await start('server', (stream) => void stream.resume().end(), endBeforeHandOut);
    await expect(pair.connect({ port: relay.port })).rejects.toMatchObject({ code: 'STREAM_ENDED' });
  });

  it('is not handed to a provider whose stream has ended on the ledger meanwhile', async () => {
    await start('client', (stream) => void stream.resume().end(), endBeforeHandOut);
    const stream = await pair.connect({ port: relay.port });
    stream.resume().end();
    await pair.drained();
    expect(pair.accepted).toHaveLength(0);
    expect(pair.refusals).toHaveLength(1);
  });
});
