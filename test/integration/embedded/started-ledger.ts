import type { EmbeddedLedger } from '@eko/embedded-ledger';
import { issueIdentity, type IssuedIdentity, type Organisation } from '@eko/msp';
import { CHAINCODE, CHANNEL, connectClient, type TestClient } from '../../support/in-process/gateway-client';
import { LedgerHarness, type LedgerHarnessOptions } from '../../support/in-process/ledger-harness';
import { contracts } from '../../support/in-process/sample-contract';

/** A ledger with some organisations and one client, in a directory of its own. */
export interface StartedLedger {
  readonly directory: string;
  readonly organisation: Organisation;
  readonly other: Organisation;
  readonly alice: IssuedIdentity;
  readonly ledger: EmbeddedLedger;
  readonly client: TestClient;
  /** Closes the ledger and opens it again. */
  restart(): Promise<StartedLedger>;
  /** Closes the ledger and removes its directory. */
  remove(): Promise<void>;
}

/** Starts a ledger with the sample contract. */
export async function startLedger(change: LedgerHarnessOptions = {}): Promise<StartedLedger> {
  const harness = await LedgerHarness.start({
    channel: CHANNEL,
    chaincodeName: CHAINCODE,
    contracts,
    ...change,
  });
  const organisation = harness.organisation();
  const alice = await issueIdentity(organisation, { name: 'alice' });
  const open = (): StartedLedger => {
    const client = connectClient(harness.running, alice);
    return {
      directory: harness.directory,
      organisation,
      other: harness.organisation(1),
      alice,
      ledger: harness.running,
      client,
      restart: async () => {
        client.close();
        await harness.halt();
        await harness.restart();
        return open();
      },
      remove: async () => {
        client.close();
        await harness.stop();
      },
    };
  };
  return open();
}
