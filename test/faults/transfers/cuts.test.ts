import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CutNetwork } from '../../support/cuts/cut-network';
import { untilTrue } from '../../support/network/until';

jest.setTimeout(120_000);

const MIB = 1024 * 1024;

describe('a transfer that is cut', () => {
  let network: CutNetwork;
  beforeAll(async () => {
    network = await CutNetwork.start();
  });
  afterAll(() => network.stop());

  const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

  it('is a failure at the receiver when its sender is killed in the middle', async () => {
    const streamId = await network.newStream();
    const file = join(network.folder, 'killed-sender');
    const [sender, receiver] = [network.send(streamId), network.receive(streamId, file)];
    await sender.feed(randomBytes(4 * MIB));
    await untilTrue('the middle', () => sizeOf(`${file}.partial`) >= MIB);
    sender.kill('SIGKILL');
    expect((await sender.ended).status).not.toBe(0);
    expect(await receiver.ended).toMatchObject({ status: 69, code: 'STREAM_CUT' });
    expect(existsSync(file)).toBe(false);
  });

  it('is a success at both ends where all of it arrives, and only there', async () => {
    const streamId = await network.newStream();
    const file = join(network.folder, 'whole');
    const [sender, receiver] = [network.send(streamId), network.receive(streamId, file)];
    await sender.feed(randomBytes(2 * MIB));
    sender.endInput();
    const [sent, received] = [await sender.ended, await receiver.ended];
    expect([sent.status, received.status]).toEqual([0, 0]);
    expect(sent.result).toMatchObject({ bytes: 2 * MIB, sha256: received.result?.['sha256'] });
    expect([sizeOf(file), existsSync(`${file}.partial`)]).toEqual([2 * MIB, false]);
  });

  it('is a failure at both ends where the receiver has no room, and it says so', async () => {
    const streamId = await network.newStream();
    const sender = network.send(streamId);
    const receiver = network.receiveBy('exec "$@" > /dev/full', streamId);
    await sender.feed(randomBytes(MIB));
    sender.endInput();
    expect(await receiver.ended).toMatchObject({ status: 69, code: 'STORE_FULL' });
    expect(await sender.ended).toMatchObject({ status: 69, code: 'STREAM_CUT' });
  });
});
