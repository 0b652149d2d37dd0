import { rename, rm } from 'node:fs/promises';
import { ERROR_CODES } from '@eko/protocol';
import { ProcessNetwork } from '../../support/processes/process-network';
import { rejectionOf } from '../../support/coded-error';

const WITNESS = 'witness-1';

describe('a witness process whose store was removed', () => {
  let network: ProcessNetwork;
  beforeAll(async () => {
    network = await ProcessNetwork.start();
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  it('ends with the code and the way out, serves nothing, and goes on once it has its store again', async () => {
    const { data } = network.processes.layout.node(WITNESS);
    const { bundleId } = await network.request();
    await network.until(bundleId, 'active');
    expect(await network.keysAgree(bundleId)).toBe(true);

    await network.kill(WITNESS);
    await rename(data, `${data}-kept`);
    const refusal = await rejectionOf(network.restart(WITNESS));
    expect(refusal.message).toContain('RECEIPTS_LOST');
    expect(refusal.message).toContain('retire it and register another witness');
    expect(ERROR_CODES.RECEIPTS_LOST.exit).toBe(4);

    await rm(data, { recursive: true, force: true });
    await rename(`${data}-kept`, data);
    await network.restart(WITNESS);
    expect(await network.isReady(WITNESS)).toBe(true);
    const next = await network.request();
    await network.until(next.bundleId, 'active');
    expect(await network.keysAgree(next.bundleId)).toBe(true);
  }, 60_000);
});
