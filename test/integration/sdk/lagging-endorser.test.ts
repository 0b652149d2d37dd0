import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type Ledger } from '@eko/sdk';
import { LedgerHarness } from '../../support/in-process/ledger-harness';
import { LaggingContract, keepBehind } from './lagging-contract';

const ARGUMENT = { bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e', epoch: 1, streams: 'all' as const };

describe('two endorsers of which one is behind', () => {
  let ledger: Ledger;
  let stop: () => Promise<void>;
  /** The pauses between attempts, which the test does not wait for. */
  let pauses: number;
  beforeEach(async () => {
    const harness = await LedgerHarness.start({ contracts: [LaggingContract] });
    pauses = 0;
    ledger = connectGatewayLedger({
      profile: await harness.profile({ name: 'alice' }),
      pause: () => {
        pauses += 1;
        return Promise.resolve();
      },
    });
    stop = async () => {
      ledger.close();
      await harness.stop();
    };
  });
  afterEach(() => stop());

  it('agree after a while, and the release is authorised once', async () => {
    keepBehind(15);
    const { blockNumber } = await ledger.submit(TRANSACTIONS.authorizeRelease, ARGUMENT);
    expect(pauses).toBe(15);
    const next = await ledger.submit(TRANSACTIONS.authorizeRelease, ARGUMENT);
    expect(next.blockNumber).toBe(blockNumber + 1n);
  });

  it('are reported as a conflict only when the caller waits no longer', async () => {
    keepBehind(Infinity);
    const submitted = ledger.submit(TRANSACTIONS.authorizeRelease, ARGUMENT, { deadlineMs: 300 });
    await expect(submitted).rejects.toMatchObject({
      code: 'LEDGER_CONFLICT',
      details: { stage: 'endorse' },
      message: expect.stringContaining('nothing was submitted') as string,
    });
    expect(pauses).toBeGreaterThan(0);
  });
});
