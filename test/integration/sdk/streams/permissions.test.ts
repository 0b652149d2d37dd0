import { once } from 'node:events';
import type { SecureStream } from '@eko/sdk';
import { closeOf, readToEnd } from '../../../support/in-process/read-to-end';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(120_000);

const ATTEMPTS = 1_000;
const AT_ONCE = 50;
const READ = { toInitiator: true, toProvider: false };
const WRITE = { toInitiator: false, toProvider: true };
const BOTH = { toInitiator: true, toProvider: true };
const NOT_GRANTED = { code: 'DIRECTION_NOT_GRANTED' };

/** Of a stream with these directions, which end may not send. */
const CASES = [
  ['read', 'initiator', 'provider', READ],
  ['write', 'provider', 'initiator', WRITE],
] as const;

describe.each(CASES)('a stream with `%s` alone', (_permission, silent, reader, directions) => {
  let pair: StreamPair;
  let refused: string[];

  /** An honest pair, or one whose silent end holds the key and ignores the permissions. */
  const start = async (isLiar: boolean): Promise<void> => {
    refused = [];
    const rights = {
      initiator: { directions },
      provider: { directions },
      ...(isLiar ? { [silent]: { directions: BOTH } } : {}),
    };
    pair = await startStreamPair({ rights, onDirectionRefused: (each) => refused.push(each) });
  };
  afterEach(() => pair.close());

  it(`delivers nothing of ${ATTEMPTS} writes by a lying ${silent}, cuts, and counts each`, async () => {
    await start(true);
    let delivered = 0;
    for (let n = 0; n < ATTEMPTS; n += AT_ONCE) {
      const opened: SecureStream[] = [];
      for (let each = 0; each < AT_ONCE; each += 1) opened.push(await pair.connect());
      await pair.acceptedCount(n + AT_ONCE);
      const accepted = pair.accepted.slice(n).map(({ stream }) => stream);
      const [liars, readers] = silent === 'initiator' ? [opened, accepted] : [accepted, opened];
      const closed = readers.map(async (stream) => {
        stream.on('data', (chunk: Buffer) => (delivered += chunk.length));
        await closeOf(stream);
        expect(stream.errored).toMatchObject(NOT_GRANTED);
        expect(stream.readableEnded).toBe(false);
      });
      for (const [at, stream] of liars.entries()) stream.write(at % 2 === 0 ? 'x' : Buffer.alloc(40_000));
      await Promise.all(closed);
    }
    expect(delivered).toBe(0);
    expect(refused).toEqual(Array(ATTEMPTS).fill(`${reader} incoming`));
  });

  it(`lets no byte of the ${silent}'s own program out, and tells it why`, async () => {
    await start(false);
    const ends = await pair.open();
    const seen = jest.fn();
    ends[reader].on('data', seen);
    const closed = closeOf(ends[reader]);
    const told = await new Promise((resolve) => ends[silent].write('x', resolve));
    expect(told).toMatchObject(NOT_GRANTED);
    await closed;
    expect(ends[silent].errored).toMatchObject(NOT_GRANTED);
    expect(seen).not.toHaveBeenCalled();
    expect(refused).toEqual([`${silent} outgoing`]);
  });

  it('carries the other direction whole, and both ends', async () => {
    await start(false);
    const ends = await pair.open();
    const whole = Buffer.alloc(1_000_000, 7);
    ends[reader].end(whole);
    expect((await readToEnd(ends[silent])).equals(whole)).toBe(true);
    const ended = once(ends[reader].resume(), 'end');
    ends[silent].end();
    await ended;
    await pair.drained();
    expect(refused).toEqual([]);
  });
});

describe('the number of connections of a stream', () => {
  const rights = (initiator: number, provider: number) => ({
    rights: { initiator: { maxConnections: initiator }, provider: { maxConnections: provider } },
  });

  it('is bounded at the initiator, whose connection then is not made', async () => {
    const pair = await startStreamPair(rights(2, 1_024));
    const [first] = await Promise.all([pair.open(), pair.open()]);
    await expect(pair.connect()).rejects.toMatchObject({
      code: 'CONNECTION_LIMIT',
      details: { maxConnections: 2 },
    });
    first.initiator.destroy();
    await closeOf(first.initiator);
    await pair.open();
    expect(pair.refusals).toEqual([]);
    await pair.close();
  });

  it('is bounded at the provider against an initiator that ignores it', async () => {
    const pair = await startStreamPair(rights(1_024, 2));
    await Promise.all([pair.open(), pair.open()]);
    await expect(pair.connect()).rejects.toMatchObject({ code: 'HANDSHAKE_REFUSED' });
    expect(pair.refusals).toEqual(['connections']);
    expect(pair.accepted).toHaveLength(2);
    await pair.close();
  });
});
