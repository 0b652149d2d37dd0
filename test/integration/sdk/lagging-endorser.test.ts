import { startEmbeddedLedger } from '@eko/embedded-ledger';
import { createOrganisation, issueIdentity } from '@eko/msp';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, type Ledger } from '@eko/sdk';
import { LaggingContract, keepBehind } from './lagging-contract';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();
const ARGUMENT = { bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e', epoch: 1, streams: 'all' as const };

describe('two endorsers of which one is behind', () => {
  let ledger: Ledger;
  let stop: () => Promise<void>;
  /** The pauses between attempts, which the test does not wait for. */
  let pauses: number;
  beforeEach(async () => {
    const directory = newFolder();
    const organisations = [
      await createOrganisation({ directory, mspId: 'Org1MSP', domain: 'org1.example.com' }),
      await createOrganisation({ directory, mspId: 'Org2MSP', domain: 'org2.example.com' }),
    ] as const;
    const running = await startEmbeddedLedger({
      directory: `${directory}/ledger`,
      channel: 'lagging',
      chaincodeName: 'eko',
      contracts: [LaggingContract],
      organisations,
      blockTimeoutMs: 5,
    });
    const { mspId, certificatePem, privateKeyPem } = await issueIdentity(organisations[0], { name: 'alice' });
    const { address: endpoint, tlsCaPem } = running;
    pauses = 0;
    ledger = connectGatewayLedger({
      profile: {
        endpoint,
        tlsCaPem,
        mspId,
        certificatePem,
        privateKeyPem,
        channel: 'lagging',
        chaincode: 'eko',
      },
      pause: () => {
        pauses += 1;
        return Promise.resolve();
      },
    });
    stop = async () => {
      ledger.close();
      await running.close();
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
