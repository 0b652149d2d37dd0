// The ledger comes before the contracts: it silences what their API says of every decorator.
import { CHAINCODE, CHANNEL } from '../support/in-process/gateway-client';
import { LedgerHarness } from '../support/in-process/ledger-harness';
import { contracts as ekoContracts } from '@eko/chaincode';
import type { LedgerUnderTest } from './ledger-under-test';
import { contracts as probeContracts } from './probe-contract.cjs';

/** Starts the embedded ledger as the contract suite wants it. */
export async function startEmbeddedUnderTest(): Promise<LedgerUnderTest> {
  const harness = await LedgerHarness.start({
    channel: CHANNEL,
    chaincodeName: CHAINCODE,
    contracts: [...ekoContracts, ...probeContracts],
  });
  const { address, tlsCaPem } = harness.running;
  return {
    address,
    tlsCaPem,
    organisations: [harness.organisation(), harness.organisation(1)],
    hasEd25519: true,
    refusesExpiredQueries: true,
    hasTimeWindow: true,
    tellsWhyNotOrdered: true,
    remove: () => harness.stop(),
  };
}
