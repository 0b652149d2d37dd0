import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { readToEnd } from '../../../support/streams/read-to-end';
import { startStreamPair, type StreamPair } from '../../../support/streams/stream-pair';

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

  it('stops a writer whose reader does not read', async () => {
    const { initiator, provider } = await pair.open();
    const chunk = Buffer.alloc(64 * 1024);
    const blocked = new Promise<void>((resolve) => {
      provider.on('drain', write);
      // Full buffers of both kernels are reached when a whole turn of the event loop brings no `drain`.
      let isDrained = false;
      function write() {
        isDrained = true;
        while (provider.write(chunk));
      }
      const look = () => {
        if (!isDrained && provider.writableNeedDrain) resolve();
        else {
          isDrained = false;
          setTimeout(look, 50);
        }
      };
      write();
      look();
    });
    await blocked;
    expect(provider.writableLength).toBeLessThan(1 << 20);
    expect(initiator.readableLength).toBeLessThan(1 << 20);
    initiator.resume();
    await once(provider, 'drain');
  });
});
