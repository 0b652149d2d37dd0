import { issueIdentity } from '@eko/msp';
import { connectClient, type TestClient, type TestIdentity } from '../support/in-process/gateway-client';
import type { LedgerUnderTest } from './ledger-under-test';

/** What the topics of the contract suite share: one ledger, and a client of the first organisation. */
export interface SuiteContext {
  readonly ledger: LedgerUnderTest;
  readonly alice: TestIdentity;
  readonly client: TestClient;
}

/** Gives the context once the ledger has started. */
export type Suite = () => SuiteContext;

/** Connects the suite's standing client. */
export async function openSuite(ledger: LedgerUnderTest): Promise<SuiteContext> {
  const alice = await issueIdentity(ledger.organisations[0], {
    name: 'alice',
    attributes: { colour: 'blue' },
  });
  return { ledger, alice, client: connectClient(ledger, alice) };
}
