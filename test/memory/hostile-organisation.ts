import { randomUUID } from 'node:crypto';
import { LIMITS, isEkoError, type ErrorCode, type RequestStreams } from '@eko/protocol';
import { TRANSACTIONS, type TransactionName, type TransactionArgument } from '@eko/protocol/ledger';
import { createOrganisation, issueIdentity } from '@eko/msp';
import { connectGatewayLedger, readFabricProfile, type FabricProfile, type Ledger } from '@eko/sdk';
import type { DevLayout } from '../../network/local/dist/dev/dev-layout';
import { newHeldKeys, registrationKeys } from '../support/contracts/test-node';

/** How often each answer came. */
export type Answers = Map<ErrorCode | 'taken', number>;

/** Notes kept small, and one in so many as large as a request may be. */
const LARGE_EVERY = 200;
const STREAMS_OF_A_LARGE_ONE = 130;

/** One organisation of the development network that does with its identities what it can. */
export class HostileOrganisation {
  readonly answers: Answers = new Map();
  readonly #layout: DevLayout;
  readonly #profile: FabricProfile;
  readonly #initiator: Ledger;
  readonly #waiting = new Map<number, string>();

  private constructor(layout: DevLayout, profile: FabricProfile) {
    this.#layout = layout;
    this.#profile = profile;
    this.#initiator = connectGatewayLedger({ profile });
  }

  /** Acts as the development network's initiator, and as whoever else its organisation makes up. */
  static async join(layout: DevLayout): Promise<HostileOrganisation> {
    return new HostileOrganisation(layout, await readFabricProfile(layout.node('initiator').profile));
  }

  close(): void {
    this.#initiator.close();
  }

  /**
   * Asks for what no offer covers. Every fourth time it takes back what waits in the slot that it wants, so that the ledger
   * has a request and an end more.
   */
  async request(turn: number): Promise<void> {
    const slot = turn % LIMITS.openSlots;
    const before = this.#waiting.get(slot);
    if (before !== undefined && turn % 4 === 0) {
      this.#waiting.delete(slot);
      const revocation = { bundleId: before, streams: 'all' as const };
      await this.#submit(this.#initiator, TRANSACTIONS.revokeStream, revocation);
    }
    const request = hostileRequest(slot, turn % LARGE_EVERY === 0);
    if (await this.#submit(this.#initiator, TRANSACTIONS.requestStreams, request))
      this.#waiting.set(slot, request.bundleId);
  }

  /** Registers witnesses that nobody vouches for, each by an identity made for it, and then again under other names. */
  async registerWitnesses(first: number, times: number): Promise<void> {
    const { mspId } = this.#profile;
    const organisation = await createOrganisation({
      directory: this.#layout.ledger,
      mspId,
      domain: 'org1.example.com',
    });
    const { certificatePem, privateKeyPem } = await issueIdentity(organisation, {
      name: `intruder-${first}`,
    });
    const ledger = connectGatewayLedger({ profile: { ...this.#profile, certificatePem, privateKeyPem } });
    const identity = { mspId, certificatePem };
    try {
      for (let turn = 0; turn < times; turn += 1) {
        const nodeId = `intruder-${first}-${turn}`;
        const held = await newHeldKeys(nodeId, 'witness');
        const keys = registrationKeys(nodeId, identity, held);
        const tags = Array.from({ length: LIMITS.tags }, (_, n) => `tag ${n} of a long row of words`);
        const endpoint = `https://${nodeId}.example:8443`;
        const registration = { nodeId, role: 'witness' as const, endpoint, keys, tags };
        await this.#submit(ledger, TRANSACTIONS.registerNode, registration);
      }
    } finally {
      ledger.close();
    }
  }

  async #submit<Name extends TransactionName>(
    ledger: Ledger,
    name: Name,
    argument: TransactionArgument<Name>,
  ): Promise<boolean> {
    let answer: ErrorCode | 'taken' = 'taken';
    try {
      await ledger.submit(name, argument);
    } catch (error) {
      if (!isEkoError(error)) throw error;
      answer = error.code;
    }
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    return answer === 'taken';
  }
}

function hostileRequest(slot: number, isLarge: boolean): RequestStreams & { readonly bundleId: string } {
  const note = 'much ado '.repeat(22);
  const labels = Object.fromEntries(Array.from({ length: LIMITS.labels }, (_, n) => [`note-${n}`, note]));
  const stream = { dataType: 'nothing that is offered', permissions: ['read'], labels };
  return {
    bundleId: randomUUID(),
    policy: {
      provider: 'provider',
      durationSeconds: LIMITS.durationSecondsMax,
      witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
      dealers: 2,
      onLedgerLoss: 'close',
      consentSeconds: LIMITS.consentSecondsMax,
    },
    requests: Array.from({ length: isLarge ? STREAMS_OF_A_LARGE_ONE : 1 }, () => stream),
    slot,
  };
}
