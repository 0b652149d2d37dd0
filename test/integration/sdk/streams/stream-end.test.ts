import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SecureStream } from '@eko/sdk';
import { closeOf } from '../../../support/in-process/read-to-end';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const ended = (reason: string) => ({ code: 'STREAM_ENDED', details: { reason } });

describe('the end of a stream', () => {
  let pair: StreamPair;
  beforeEach(async () => {
    pair = await startStreamPair();
  });
  afterEach(() => pair.close());

  /** Sends without end in both directions, and waits until bytes have arrived on both sides. */
  async function transferForever({
    initiator,
    provider,
  }: {
    initiator: SecureStream;
    provider: SecureStream;
  }) {
    const block = randomBytes(64 * 1024);
    const source = function* () {
      for (;;) yield block;
    };
    const failures = [initiator, provider].map((stream) =>
      pipeline(source, stream).then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    const sinks = [initiator.pipe(new PassThrough()), provider.pipe(new PassThrough())];
    for (const sink of sinks) sink.resume();
    await Promise.all(sinks.map((sink) => once(sink, 'data')));
    return failures;
  }

  it('closes both ends in the middle of a transfer, before `end` returns', async () => {
    const open = await pair.open();
    const failures = await transferForever(open);
    expect(pair.provider.end(pair.keys.streamId, 'revoked')).toBe(1);
    expect(open.provider.destroyed).toBe(true);
    expect(pair.initiator.end(pair.keys.streamId, 'revoked')).toBe(1);
    expect(open.initiator.destroyed).toBe(true);
    for (const failure of await Promise.all(failures)) expect(failure).toMatchObject(ended('revoked'));
    expect(open.initiator.errored).toMatchObject(ended('revoked'));
    expect(open.provider.errored).toMatchObject(ended('revoked'));
    await pair.drained();
  });

  it('is one thing at the initiator and another at the provider, each on its own view of the ledger', async () => {
    const open = await pair.open();
    const failures = await transferForever(open);
    pair.initiator.end(pair.keys.streamId, 'completed');
    expect(open.initiator.errored).toMatchObject(ended('completed'));
    expect(open.provider.destroyed).toBe(false);
    const [, atProvider] = await Promise.all(failures);
    expect(atProvider).not.toMatchObject({ code: 'STREAM_ENDED' });
    await expect(pair.connect()).rejects.toMatchObject(ended('completed'));
  });

  it('destroys 200 live connections at once, and those of no other stream', async () => {
    const other = await startStreamPair();
    const survivor = await other.open();
    const streams: SecureStream[] = [];
    for (let batch = 0; batch < 10; batch += 1)
      streams.push(...(await Promise.all(Array.from({ length: 20 }, () => pair.connect()))));
    expect(streams).toHaveLength(200);
    expect(pair.initiator.end(pair.keys.streamId, 'expired')).toBe(200);
    expect(streams.every((stream) => stream.destroyed)).toBe(true);
    pair.provider.end(pair.keys.streamId, 'expired');
    expect(pair.accepted.every(({ stream }) => stream.destroyed)).toBe(true);
    await pair.drained();
    survivor.initiator.write('alive');
    expect(String((await once(survivor.provider, 'data'))[0])).toBe('alive');
    await other.close();
  });

  it('does not end a process whose application listens to nothing', async () => {
    const open = await pair.open();
    const closed = Promise.all([open.provider, open.initiator].map(closeOf));
    pair.provider.end(pair.keys.streamId, 'revoked');
    pair.initiator.end(pair.keys.streamId, 'revoked');
    await closed;
    expect(open.provider.listenerCount('error')).toBeGreaterThan(0);
  });
});
