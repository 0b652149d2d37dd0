import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SecureStream } from '@eko/sdk';
import { relayTo, type Relay } from '../../../support/in-process/raw-tls';
import { closeOf, readToEnd } from '../../../support/in-process/read-to-end';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const CUT = { code: 'STREAM_CUT' };
/** Size of an end mark. */
const MARK_BYTES = 32;

describe('a connection that is cut', () => {
  let pair: StreamPair;
  let relay: Relay;
  beforeEach(async () => {
    pair = await startStreamPair();
    relay = await relayTo(pair.port);
  });
  afterEach(async () => {
    await relay.close();
    await pair.close();
  });

  const openThroughRelay = async () => {
    const initiator = await pair.connect({ port: relay.port });
    await pair.acceptedCount(1);
    const provider = pair.accepted[0]?.stream;
    if (provider === undefined) throw new Error('the handler was not called');
    return { initiator, provider };
  };

  /** What a stream was when it closed. */
  const closed = async (stream: SecureStream) => {
    await closeOf(stream);
    return { sawEnd: stream.readableEnded, error: stream.errored };
  };

  it('is no end at either side, although both see TCP end in order', async () => {
    const { initiator, provider } = await openThroughRelay();
    initiator.write('half of');
    expect(String((await once(provider, 'data'))[0])).toBe('half of');
    const ends = Promise.all([initiator.resume(), provider.resume()].map(closed));
    relay.cut();
    for (const { sawEnd, error } of await ends) {
      expect(sawEnd).toBe(false);
      expect(error).toMatchObject(CUT);
    }
  });

  it('fails a pipeline in the middle of a transfer', async () => {
    const { initiator, provider } = await openThroughRelay();
    const block = randomBytes(64 * 1024);
    const forever = function* () {
      for (;;) yield block;
    };
    const target = new PassThrough();
    const receiving = pipeline(initiator, target);
    pipeline(forever, provider).catch(() => undefined);
    provider.resume();
    await once(target, 'data');
    target.resume();
    relay.cut();
    await expect(receiving).rejects.toMatchObject(CUT);
  });

  it('is what the other side sees of an end that destroys', async () => {
    const { initiator, provider } = await openThroughRelay();
    const end = closed(provider.resume());
    initiator.destroy();
    expect(await end).toEqual({ sawEnd: false, error: expect.objectContaining(CUT) as unknown });
  });

  it('harms no side that had ended: what it was sent before is whole', async () => {
    const { initiator, provider } = await openThroughRelay();
    initiator.end('all of it');
    expect((await readToEnd(provider)).toString()).toBe('all of it');
    const end = closed(initiator.resume());
    relay.cut();
    expect((await end).error).toMatchObject(CUT);
    expect(provider.readableEnded).toBe(true);
    expect(provider.errored).toBeNull();
  });

  it('hands over an end that comes right behind the confirmation', async () => {
    const eager = await startStreamPair({ handler: (stream) => void stream.resume().end() });
    const initiator = await eager.connect();
    expect(await readToEnd(initiator)).toHaveLength(0);
    initiator.end();
    await eager.drained();
    expect(initiator.errored).toBeNull();
    await eager.close();
  });

  it('carries records of the size of a mark, and data that ends with one', async () => {
    const { initiator, provider } = await openThroughRelay();
    for (let count = 0; count < 50; count += 1) {
      const bytes = randomBytes(MARK_BYTES);
      const arrived = once(provider, 'data');
      initiator.write(bytes);
      expect(bytes.equals((await arrived)[0] as Buffer)).toBe(true);
    }
    const rest = readToEnd(provider);
    initiator.end(randomBytes(MARK_BYTES));
    expect(await rest).toHaveLength(MARK_BYTES);
  });
});
