import { startEmbeddedUnderTest } from './embedded-under-test';
import { describeLedgerContract } from './ledger-contract';

const START_TIMEOUT_MS = 30_000;

describe('the embedded ledger', () => {
  describeLedgerContract(startEmbeddedUnderTest, START_TIMEOUT_MS);
});
