import { type SecretBytes } from '@eko/protocol';
import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { TRANSACTIONS, type LedgerEvent } from '@eko/protocol/ledger';
import {
  EkoClient,
  connectGatewayLedger,
  readFabricProfile,
  type ClientBounds,
  type EkoStream,
  type Ledger,
} from '@eko/sdk';
import { EndpointPolicy, NodeClient, loadNodeKeys } from '@eko/sdk/node';
import { until } from '../until';

const ALLOWED = ['127.0.0.0/8'];
const KEY_DEADLINE_MS = 25_000;

/** What a party of a network of processes is opened with. */
export interface ProcessPartyOptions {
  readonly nodeId: string;
  readonly keysDirectory: string;
  readonly ledgerProfile: string;
  readonly bounds: Partial<ClientBounds>;
}

/** A party whose client runs in the test's process, in place of the party's own process. */
export class ProcessParty {
  /** Its own way to the ledger, past the client. */
  readonly ledger: Ledger;
  readonly #options: ProcessPartyOptions;
  #client: EkoClient | undefined;
  #events: LedgerEvent[] = [];

  private constructor(options: ProcessPartyOptions, ledger: Ledger) {
    this.#options = options;
    this.ledger = ledger;
  }

  static async open(options: ProcessPartyOptions): Promise<ProcessParty> {
    const profile = await readFabricProfile(options.ledgerProfile);
    const party = new ProcessParty(options, connectGatewayLedger({ profile }));
    await party.connect();
    return party;
  }

  get client(): EkoClient {
    if (this.#client === undefined) throw new RangeError('this party is not connected');
    return this.#client;
  }

  /** Every ledger event that the present client was given, in that order. */
  get events(): readonly LedgerEvent[] {
    return this.#events;
  }

  /** Starts a client that knows nothing, as a restarted process does. */
  async connect(): Promise<void> {
    await this.disconnect();
    const { keysDirectory, bounds } = this.#options;
    const events: LedgerEvent[] = [];
    this.#events = events;
    this.#client = await EkoClient.connect({
      ledger: this.ledger,
      keysDirectory,
      allowAddresses: ALLOWED,
      bounds,
      observer: { onEvent: (event) => events.push(event) },
    });
  }

  /** Ends the client, and with it every key that it holds. */
  async disconnect(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  /** A stream, once this party has seen its request. */
  async stream(bundleId: string, index = 0): Promise<EkoStream> {
    const { client } = this;
    await until(`${client.nodeId} sees ${bundleId}`, () => client.bundles.get(bundleId) !== undefined);
    return client.stream(`${bundleId}/${index}`);
  }

  /** The key that this party rebuilds for a stream. */
  async keyOf(bundleId: string, deadlineMs = KEY_DEADLINE_MS): Promise<SecretBytes<'exported key'>> {
    const stream = await this.stream(bundleId);
    return stream.exportKey('fault check', 32, { deadlineMs });
  }

  /** A permit of its own for one stream, from the ledger. */
  async permit(bundleId: string, index: number): Promise<string> {
    const argument = { bundleId, epoch: 1, streams: [index] };
    return (await this.ledger.submit(TRANSACTIONS.authorizeRelease, argument)).txId;
  }

  /** Asks one witness for its shares of one stream, past the client. */
  async askForShares(
    witness: string,
    request: { readonly bundleId: string; readonly index: number; readonly permitTxId: string },
    deadlineMs = 15_000,
  ): Promise<ReleaseAnswer> {
    const { bundleId, index, permitTxId } = request;
    const { keysDirectory, nodeId } = this.#options;
    const keys = loadNodeKeys(keysDirectory, { nodeId, role: 'party' });
    const endpoints = new EndpointPolicy({ allowAddresses: ALLOWED });
    const peers = new NodeClient({ tls: keys.tls, endpoints });
    try {
      return await peers.call({
        node: this.client.nodes.require(witness),
        route: NODE_ROUTES.release,
        body: { bundleId, epoch: 1, streams: [index], permitTxId },
        answerSchema: ReleaseAnswer,
        deadlineMs,
      });
    } finally {
      peers.close();
      keys.dispose();
    }
  }

  async close(): Promise<void> {
    await this.disconnect();
    this.ledger.close();
  }
}
