import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import { awaitReason } from '../../../../client-sdk/sdk/src/streams/await-reason';
import { closeOf } from '../../../support/in-process/read-to-end';

const ENDED = new EkoError('STREAM_ENDED', 'It has ended');

/** A connection, what its ask was told, and the answer to it; a write fails or is done when the test says so. */
function connection() {
  let answer: (error: Error) => void = () => undefined;
  const asked: Error[] = [];
  const writes: ((error?: Error) => void)[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      writes.push(done);
    },
    final: (done) => {
      done();
    },
  });
  socket.on('error', () => undefined);
  awaitReason(socket, (loss) => {
    asked.push(loss);
    return new Promise((resolve) => (answer = resolve));
  });
  const settle = (error: Error): void => {
    answer(error);
  };
  return { socket, asked, writes, settle };
}

const lossOf = (code: string): Error => Object.assign(new Error(code), { code });

describe('a connection that is lost', () => {
  it.each(['STREAM_CUT', 'ECONNRESET', 'ETIMEDOUT', 'ERR_SSL_DECRYPTION_FAILED'])(
    'keeps still behind %s until it is known why, and asks once',
    async (code) => {
      const { socket, asked, settle } = connection();
      socket.destroy(code === 'STREAM_CUT' ? new EkoError(code, 'cut') : lossOf(code));
      socket.destroy(lossOf('ECONNRESET'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(socket.destroyed).toBe(false);
      expect(asked).toMatchObject([{ code }]);
      settle(ENDED);
      await closeOf(socket);
      expect(socket.errored).toBe(ENDED);
    },
  );

  it.each([
    ['without an error', undefined],
    ['with an error of its own', new Error('no such file')],
    ['because its disk is full', lossOf('ENOSPC')],
    ['because its stream has ended', ENDED],
  ])('is destroyed at once by its own side %s', async (_title, error) => {
    const { socket, asked } = connection();
    socket.destroy(error);
    expect(socket.destroyed).toBe(true);
    await closeOf(socket);
    expect(asked).toEqual([]);
    expect(socket.errored).toBe(error ?? null);
  });

  it('is destroyed at once by its own side while it waits', async () => {
    const { socket, settle } = connection();
    socket.destroy(lossOf('ECONNRESET'));
    socket.destroy(ENDED);
    expect(socket.destroyed).toBe(true);
    settle(lossOf('ECONNRESET'));
    await closeOf(socket);
    expect(socket.errored).toBe(ENDED);
  });

  it('tells a write that failed the reason, and no other', async () => {
    const { socket, asked, writes, settle } = connection();
    const told = new Promise((resolve) => socket.write('data', resolve));
    writes[0]?.(lossOf('EPIPE'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toMatchObject([{ code: 'EPIPE' }]);
    settle(ENDED);
    expect(await told).toBe(ENDED);
    await closeOf(socket);
    expect(socket.errored).toBe(ENDED);
  });

  it('tells a write that was under way that it failed, although its socket calls it done', async () => {
    const { socket, writes } = connection();
    const told = new Promise((resolve) => socket.write('data', resolve));
    socket.destroy(ENDED);
    await once(socket, 'close').catch(() => undefined);
    writes[0]?.();
    expect(await told).toBe(ENDED);
  });
});
