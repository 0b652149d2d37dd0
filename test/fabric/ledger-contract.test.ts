import { describeLedgerContract } from '../contract/ledger-contract';
import { startFabricUnderTest } from './fabric-under-test';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { describeIf } from '../support/skip';

const START_TIMEOUT_MS = 120_000;

describeIf(hasFabricPrograms(), NO_FABRIC, 'a Fabric network', () => {
  describeLedgerContract(startFabricUnderTest, START_TIMEOUT_MS);
});
