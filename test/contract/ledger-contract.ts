import { openSuite, type Suite, type SuiteContext } from './suite-context';
import type { LedgerUnderTest } from './ledger-under-test';
import { describeBlocks } from './blocks';
import { describeCommitStatus } from './commit-status';
import { describeConflicts } from './conflicts';
import { describeEndorsements } from './endorsements';
import { describeEvents } from './events';
import { describeHistories } from './histories';
import { describeIdentities } from './identities';
import { describeKeys } from './keys';
import { describeLimits } from './limits';
import { describeProposals } from './proposals';
import { describeRanges } from './ranges';
import { describeReadsAndWrites } from './reads-and-writes';

/**
 * Everything that the rest of EKO assumes of a ledger, of Fabric first of all: where another ledger differs, that one is
 * wrong.
 */
export function describeLedgerContract(start: () => Promise<LedgerUnderTest>, startTimeoutMs: number): void {
  let context: SuiteContext | undefined;
  const suite: Suite = () => {
    if (context === undefined) throw new Error('the ledger has not started');
    return context;
  };

  beforeAll(async () => {
    context = await openSuite(await start());
  }, startTimeoutMs);

  afterAll(async () => {
    context?.client.close();
    await context?.ledger.remove();
  }, startTimeoutMs);

  describeReadsAndWrites(suite);
  describeConflicts(suite);
  describeKeys(suite);
  describeRanges(suite);
  describeHistories(suite);
  describeEvents(suite);
  describeBlocks(suite);
  describeEndorsements(suite);
  describeProposals(suite);
  describeIdentities(suite);
  describeLimits(suite);
  describeCommitStatus(suite);
}
