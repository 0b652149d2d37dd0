// The ledger comes before the contracts: it silences what their API says of every decorator.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedLedger, type EmbeddedLedger, type EmbeddedLedgerOptions } from '@eko/embedded-ledger';
import { contracts } from '@eko/chaincode';
import { createOrganisation, issueIdentity, type IdentityRequest, type Organisation } from '@eko/msp';
import type { FabricProfile } from '@eko/sdk';

/** What may differ from EKO's contracts, two organisations, quick blocks and a free port. */
export type LedgerHarnessOptions = Partial<Omit<EmbeddedLedgerOptions, 'directory' | 'organisations'>> & {
  readonly organisations?: number;
};

/** An organisation in a folder, made where there is none. */
export const openOrganisation = (directory: string, number: number): Promise<Organisation> =>
  createOrganisation({ directory, mspId: `Org${number}MSP`, domain: `org${number}.example.com` });

/** An embedded ledger in a folder of its own, which every harness in this process stands on that has a real ledger. */
export class LedgerHarness {
  /** Also what a harness keeps of its own. */
  readonly directory: string;
  readonly organisations: readonly Organisation[];
  readonly #options: Omit<EmbeddedLedgerOptions, 'port'>;
  #running: EmbeddedLedger;

  private constructor(
    directory: string,
    options: Omit<EmbeddedLedgerOptions, 'port'>,
    running: EmbeddedLedger,
  ) {
    this.directory = directory;
    this.organisations = options.organisations;
    this.#options = options;
    this.#running = running;
  }

  static async start(change: LedgerHarnessOptions = {}): Promise<LedgerHarness> {
    const { organisations: count = 2, port = 0, ...rest } = change;
    const directory = await mkdtemp(join(tmpdir(), 'eko-ledger-'));
    const organisations: Organisation[] = [];
    for (let number = 1; number <= count; number += 1)
      organisations.push(await openOrganisation(directory, number));
    const options = {
      directory: join(directory, 'ledger'),
      channel: 'test-channel',
      chaincodeName: 'eko',
      contracts,
      organisations,
      blockTimeoutMs: 5,
      ...rest,
    };
    return new LedgerHarness(directory, options, await startEmbeddedLedger({ ...options, port }));
  }

  /** What it is started with, but for its port. */
  get options(): Omit<EmbeddedLedgerOptions, 'port'> {
    return this.#options;
  }

  get running(): EmbeddedLedger {
    return this.#running;
  }

  /** The organisation whose peer serves clients; `organisation(1)` is another. */
  organisation(place = 0): Organisation {
    const organisation = this.organisations[place];
    if (organisation === undefined) throw new RangeError(`there is no organisation ${place}`);
    return organisation;
  }

  /** The profile of a fresh identity of the first organisation. */
  async profile(request: IdentityRequest): Promise<FabricProfile> {
    const { mspId, certificatePem, privateKeyPem } = await issueIdentity(this.organisation(), request);
    const { address: endpoint, tlsCaPem } = this.#running;
    const { channel, chaincodeName: chaincode } = this.#options;
    return { endpoint, tlsCaPem, mspId, certificatePem, privateKeyPem, channel, chaincode };
  }

  /** Stops the peer; `restart` starts it on the same port, with what it had written. */
  halt(): Promise<void> {
    return this.#running.close();
  }

  async restart(): Promise<void> {
    const { address } = this.#running;
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    this.#running = await startEmbeddedLedger({ ...this.#options, port });
  }

  /** Stops the peer where it runs, and removes the folder. */
  async stop(): Promise<void> {
    await this.#running.close();
    await rm(this.directory, { recursive: true });
  }
}
