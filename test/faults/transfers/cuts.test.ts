import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CutNetwork } from './cut-network';
import { cellsOf, nameOf } from './cut-table';
import { isUsable, runCell, streamFor } from './run-cell';

jest.setTimeout(180_000);

const MIB = 1024 * 1024;

describe('a transfer between two commands', () => {
  let network: CutNetwork;
  beforeAll(async () => {
    network = await CutNetwork.start();
  });
  afterAll(() => network.stop());

  it('is a success at both ends where all of it arrives, and leaves one whole file', async () => {
    expect(await isUsable(network, await network.newStream())).toBe(true);
  });

  it('leaves nothing of a sender that was cancelled while it waited', async () => {
    const streamId = await network.newStream();
    const left = network.send(streamId);
    await left.feed(Buffer.from('for nobody'));
    await left.says('waiting for initiator to receive');
    left.kill('SIGINT');
    expect(await left.ended).toMatchObject({ status: 130, code: 'CANCELLED' });
    expect(await isUsable(network, streamId)).toBe(true);
  });

  it('gives up after its time, and says whom it waited for', async () => {
    const streamId = await network.newStream();
    const [sender, receiver] = [
      await network.send(streamId, '--timeout', '1').ended,
      await network.receive(streamId, join(network.folder, 'never'), '--timeout', '1').ended,
    ];
    for (const end of [sender, receiver]) expect(end).toMatchObject({ status: 69, code: 'PEER_UNAVAILABLE' });
    expect(sender.reason).toContain('initiator');
    expect(receiver.reason).toContain('provider');
  });

  it('says that an earlier reception has left a part, and begins anew', async () => {
    const streamId = await network.newStream();
    const file = join(network.folder, 'again');
    writeFileSync(`${file}.partial`, 'a part of something else');
    const [sender, receiver] = [network.send(streamId), network.receive(streamId, file)];
    await sender.feed(Buffer.from('all of it'));
    sender.endInput();
    expect((await receiver.ended).stderr).toContain(`${file}.partial is there`);
    expect((await sender.ended).status).toBe(0);
    expect([readFileSync(file, 'utf8'), existsSync(`${file}.partial`)]).toEqual(['all of it', false]);
  });

  it('is a failure at both ends where the file that is redirected to the sender becomes shorter', async () => {
    const streamId = await network.newStream();
    const [source, target] = [join(network.folder, 'shrinking'), join(network.folder, 'never-whole')];
    writeFileSync(source, randomBytes(MIB));
    const sender = network.sendBy(`exec "$@" < ${source}`, streamId);
    await sender.says('waiting for initiator to receive');
    truncateSync(source, 1_000);
    const receiver = network.receive(streamId, target);
    expect(await sender.ended).toMatchObject({ status: 2, code: 'INVALID_ARGUMENT' });
    expect(await receiver.ended).toMatchObject({ status: 69, code: 'STREAM_CUT' });
    expect(existsSync(target)).toBe(false);
  });

  it('is a failure at both ends where standard output has no room', async () => {
    const streamId = await network.newStream();
    const sender = network.send(streamId);
    const receiver = network.receiveBy('exec "$@" > /dev/full', streamId);
    await sender.feed(randomBytes(MIB));
    sender.endInput();
    expect(await receiver.ended).toMatchObject({ status: 69, code: 'STORE_FULL' });
    expect(await sender.ended).toMatchObject({ status: 69, code: 'STREAM_CUT' });
  });

  it.each(cellsOf(process.env).map((cell) => [nameOf(cell), cell] as const))(
    'is a failure with its true reason: %s',
    async (_name, cell) => {
      const streamId = await streamFor(network, cell);
      const { sender, receiver, hasFile } = await runCell(network, cell, streamId);
      await network.mend();
      // No cell lets everything arrive.
      expect([sender.status === 0, receiver.status === 0, hasFile]).toEqual([false, false, false]);
      expect(cell.sender).toContain(sender.code);
      expect(cell.receiver).toContain(receiver.code);
      for (const { code, reason } of [sender, receiver])
        if (code === 'STREAM_ENDED') expect(reason).toContain(cell.reason);
      if (cell.lives) expect(await isUsable(network, streamId)).toBe(true);
    },
  );
});
