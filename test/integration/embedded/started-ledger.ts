import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedLedger, type EmbeddedLedger, type EmbeddedLedgerOptions } from '@eko/embedded-ledger';
import { createOrganisation, issueIdentity, type IssuedIdentity, type Organisation } from '@eko/msp';
import { CHAINCODE, CHANNEL, connectClient, type TestClient } from '../../support/in-process/gateway-client';
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

/** What may differ from the usual: two organisations and quick blocks. */
export type StartLedgerOptions = Partial<Omit<EmbeddedLedgerOptions, 'organisations'>> & {
  readonly organisations?: number;
};

/** Starts a ledger with the sample contract. */
export async function startLedger({
  organisations: count = 2,
  ...options
}: StartLedgerOptions = {}): Promise<StartedLedger> {
  const directory = await mkdtemp(join(tmpdir(), 'eko-embedded-'));
  const newOrganisation = (number: number) =>
    createOrganisation({ directory, mspId: `Org${number}MSP`, domain: `org${number}.example.com` });
  const organisation = await newOrganisation(1);
  const other = await newOrganisation(2);
  const more = await Promise.all(Array.from({ length: count - 2 }, (_, index) => newOrganisation(index + 3)));
  const alice = await issueIdentity(organisation, { name: 'alice' });
  const open = async (): Promise<StartedLedger> => {
    const ledger = await startEmbeddedLedger({
      directory: join(directory, 'ledger'),
      channel: CHANNEL,
      chaincodeName: CHAINCODE,
      contracts,
      organisations: [organisation, other, ...more],
      blockTimeoutMs: 5,
      ...options,
    });
    const client = connectClient(ledger, alice);
    const close = async (): Promise<void> => {
      client.close();
      await ledger.close();
    };
    return {
      directory,
      organisation,
      other,
      alice,
      ledger,
      client,
      restart: async () => {
        await close();
        return open();
      },
      remove: async () => {
        await close();
        await rm(directory, { recursive: true });
      },
    };
  };
  return open();
}
