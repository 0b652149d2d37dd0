import { startEmbeddedLedger } from '@eko/embedded-ledger';
import { contracts as ekoContracts } from '@eko/chaincode';
import { createOrganisation } from '@eko/msp';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHAINCODE, CHANNEL } from '../support/in-process/gateway-client';
import type { LedgerUnderTest } from './ledger-under-test';
import { contracts as probeContracts } from './probe-contract.cjs';

/** Starts the embedded ledger as the contract suite wants it. */
export async function startEmbeddedUnderTest(): Promise<LedgerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'eko-contract-'));
  const organisations = [
    await createOrganisation({ directory, mspId: 'Org1MSP', domain: 'org1.example.com' }),
    await createOrganisation({ directory, mspId: 'Org2MSP', domain: 'org2.example.com' }),
  ] as const;
  const ledger = await startEmbeddedLedger({
    directory: join(directory, 'ledger'),
    channel: CHANNEL,
    chaincodeName: CHAINCODE,
    contracts: [...ekoContracts, ...probeContracts],
    organisations,
    blockTimeoutMs: 5,
  });
  return {
    address: ledger.address,
    tlsCaPem: ledger.tlsCaPem,
    organisations,
    hasEd25519: true,
    refusesExpiredQueries: true,
    hasTimeWindow: true,
    tellsWhyNotOrdered: true,
    remove: async () => {
      await ledger.close();
      await rm(directory, { recursive: true });
    },
  };
}
