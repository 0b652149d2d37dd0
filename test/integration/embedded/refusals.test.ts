import { startLedger, type StartedLedger } from './started-ledger';

const ABORTED = 10;
const RESOURCE_EXHAUSTED = 8;

describe('what the embedded ledger refuses', () => {
  let started: StartedLedger;

  beforeAll(async () => {
    started = await startLedger({ executeTimeoutMs: 300, maxMessageBytes: 64 * 1024 });
  });

  afterAll(async () => {
    await started.remove();
  });

  it('ends a contract that does not answer', async () => {
    await expect(started.client.contract.submitTransaction('Hang')).rejects.toMatchObject({
      code: ABORTED,
      details: [{ message: expect.stringContaining('timeout expired') as string }],
    });
    await started.client.contract.submitTransaction('Put', 'after', 'v');
  });

  it('refuses a message above its limit', async () => {
    await expect(
      started.client.contract.submitTransaction('Put', 'k', 'x'.repeat(65 * 1024)),
    ).rejects.toMatchObject({ code: RESOURCE_EXHAUSTED });
  });
});
