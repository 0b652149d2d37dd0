import { createHash, randomBytes } from 'node:crypto';
import { defaultMaxListeners, once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { SecureStream } from '@eko/sdk';
import { closeOf, readToEnd } from '../../../support/in-process/read-to-end';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(60_000);

describe('a secure stream', () => {
  let pair: StreamPair;
  beforeEach(async () => {
    pair = await startStreamPair();
  });
  afterEach(() => pair.close());

  it('carries bytes both ways and tells the handler whose they are', async () => {
    const { initiator, provider } = await pair.open();
    initiator.end('from the initiator');
    provider.end('from the provider');
    const [there, back] = await Promise.all([readToEnd(provider), readToEnd(initiator)]);
    expect(there.toString()).toBe('from the initiator');
    expect(back.toString()).toBe('from the provider');
    expect(pair.accepted[0]?.info).toEqual({
      streamId: pair.keys.streamId,
      epoch: 1,
      remoteAddress: '127.0.0.1',
    });
    await pair.drained();
    expect(pair.provider.connectionCount(pair.keys.streamId)).toBe(0);
  });

  it('leaves its user as many listeners as another stream does', async () => {
    for (const end of Object.values(await pair.open()))
      expect(end.getMaxListeners() - end.listenerCount('close')).toBeGreaterThanOrEqual(defaultMaxListeners);
  });

  it('keeps the other direction open after a half-close', async () => {
    const { initiator, provider } = await pair.open();
    initiator.end('question');
    expect((await readToEnd(provider)).toString()).toBe('question');
    const answer = randomBytes(3_000_000);
    provider.end(answer);
    expect(answer.equals(await readToEnd(initiator))).toBe(true);
    await pair.drained();
  });

  it('carries 100 MB byte for byte', async () => {
    const { initiator, provider } = await pair.open();
    const block = randomBytes(1 << 20);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let size = 0;
    const blocks = function* () {
      for (let i = 0; i < 100; i += 1) {
        block.writeUInt32BE(i);
        sent.update(block);
        yield Buffer.from(block);
      }
    };
    provider.resume();
    initiator.on('data', (chunk: Buffer) => {
      received.update(chunk);
      size += chunk.length;
    });
    const reading = once(initiator, 'end').then(() => initiator.end());
    await Promise.all([pipeline(Readable.from(blocks()), provider), reading]);
    expect(size).toBe(100 << 20);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });

  it('lets a slow reader hold the writer back, in flat memory', async () => {
    const { initiator, provider } = await pair.open();
    const chunk = Buffer.alloc(64 * 1024);
    const total = 64 << 20;
    let sent = 0;
    const source = function* () {
      for (; sent < total; sent += chunk.length) yield chunk;
    };
    const writing = pipeline(Readable.from(source()), provider);
    let received = 0;
    let farthestAhead = 0;
    const reading = new Promise<void>((resolve) => {
      const readOne = () => {
        const bytes = initiator.read() as Buffer | null;
        if (bytes === null) {
          initiator.once('readable', readOne);
          return;
        }
        received += bytes.length;
        farthestAhead = Math.max(farthestAhead, sent - received);
        // The writer gets a turn of the event loop for each chunk that is read.
        setImmediate(readOne);
      };
      initiator.once('end', resolve);
      readOne();
    });
    await reading;
    initiator.end();
    await writing;
    expect(received).toBe(total);
    // What the two kernels may buffer; without backpressure the writer would be ahead by nearly everything.
    expect(farthestAhead).toBeLessThan(total / 2);
  });

  it('hears of a handler that fails', async () => {
    const handler = async (stream: SecureStream) => {
      await once(stream, 'data');
      throw new Error('no such file');
    };
    const failing = await startStreamPair({ handler });
    const { initiator, provider } = await failing.open();
    const closed = closeOf(initiator.resume());
    initiator.write('which?');
    await closed;
    expect(initiator.errored).toMatchObject({ code: 'STREAM_CUT' });
    expect(provider.errored?.message).toBe('no such file');
    await failing.close();
  });

  it('tells its users when the provider stops, and leaves the stream itself alone', async () => {
    const { initiator, provider } = await pair.open();
    const closed = closeOf(initiator.resume());
    await pair.server.close();
    expect(provider.errored).toMatchObject({ code: 'SHUTTING_DOWN' });
    await closed;
    expect(initiator.errored).toMatchObject({ code: 'STREAM_CUT' });
    expect(pair.provider.endReason(pair.keys.streamId)).toBeUndefined();
  });
});
