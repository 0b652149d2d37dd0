import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedLedger, type EmbeddedLedger } from '@eko/embedded-ledger';
import { createOrganisation, issueIdentity, type Organisation } from '@eko/msp';
import { contracts } from '@eko/chaincode';
import type { NodeRole } from '@eko/protocol/ledger';
import { connectGatewayLedger, type FabricProfile, type Ledger } from '@eko/sdk';
import type { PartyKeys } from '@eko/sdk/node';
import { registerNode } from './register-node';

const CHANNEL = 'test-channel';

/** The EKO contracts on an embedded ledger of two organisations that can be stopped and started again. */
export class EmbeddedEko {
  readonly #directory: string;
  readonly #organisation: Organisation;
  readonly #organisations: readonly Organisation[];
  #running: EmbeddedLedger;

  private constructor(
    directory: string,
    organisations: readonly [Organisation, Organisation],
    running: EmbeddedLedger,
  ) {
    this.#directory = directory;
    this.#organisations = organisations;
    this.#organisation = organisations[0];
    this.#running = running;
  }

  static async start(): Promise<EmbeddedEko> {
    const directory = await mkdtemp(join(tmpdir(), 'eko-sdk-'));
    const organisations = [
      await createOrganisation({ directory, mspId: 'Org1MSP', domain: 'org1.example.com' }),
      await createOrganisation({ directory, mspId: 'Org2MSP', domain: 'org2.example.com' }),
    ] as const;
    return new EmbeddedEko(directory, [...organisations], await run(directory, organisations, 0));
  }

  /** The profile of a fresh identity. */
  async profile(name: string): Promise<FabricProfile> {
    const { mspId, certificatePem, privateKeyPem } = await issueIdentity(this.#organisation, { name });
    const { address: endpoint, tlsCaPem } = this.#running;
    return { endpoint, tlsCaPem, mspId, certificatePem, privateKeyPem, channel: CHANNEL, chaincode: 'eko' };
  }

  /** Registers a node with fresh keys as the identity of `profile`. */
  async register(ledger: Ledger, profile: FabricProfile, nodeId: string, role: NodeRole): Promise<PartyKeys> {
    return (await registerNode(ledger, profile, nodeId, role)).keys;
  }

  /** Stops the peer; `restart` starts it on the same port. */
  async halt(): Promise<void> {
    await this.#running.close();
  }

  async restart(): Promise<void> {
    const port = Number(this.#running.address.slice(this.#running.address.lastIndexOf(':') + 1));
    this.#running = await run(this.#directory, this.#organisations, port);
  }

  async stop(): Promise<void> {
    await this.#running.close();
    await rm(this.#directory, { recursive: true });
  }
}

/** A connected party on a fresh ledger. */
export interface StartedParty {
  readonly eko: EmbeddedEko;
  readonly ledger: Ledger;
  readonly profile: FabricProfile;
  readonly keys: PartyKeys;
  readonly nodeId: string;
}

/** Starts a ledger and registers one party on it. */
export async function startParty(): Promise<StartedParty> {
  const eko = await EmbeddedEko.start();
  const profile = await eko.profile('alice');
  const ledger = connectGatewayLedger({ profile });
  const keys = await eko.register(ledger, profile, 'party-1', 'party');
  return { eko, ledger, profile, keys, nodeId: 'party-1' };
}

function run(
  directory: string,
  organisations: readonly Organisation[],
  port: number,
): Promise<EmbeddedLedger> {
  return startEmbeddedLedger({
    directory: join(directory, 'ledger'),
    channel: CHANNEL,
    chaincodeName: 'eko',
    contracts,
    organisations,
    port,
    blockTimeoutMs: 5,
  });
}
