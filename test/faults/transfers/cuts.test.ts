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
});
