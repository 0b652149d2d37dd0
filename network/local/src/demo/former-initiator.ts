import { EkoError, parseStreamId, type SecretBytes, type StreamReference } from '@eko/protocol';
import {
  FIRST_EPOCH,
  TRANSACTIONS,
  type BundleRecord,
  type BundleView,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { EnvelopeAcknowledgement, EnvelopeDelivery, NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { fits } from '@eko/protocol/encoding';
import { importX25519Key, nodeHpkePrimitives, verifyEd25519OnNode } from '@eko/protocol/node';
import { connectGatewayLedger, readFabricProfile, type Ledger, type SecureStream } from '@eko/sdk';
import {
  EndpointPolicy,
  LiveStreams,
  NodeClient,
  NodeDirectory,
  collectKeys,
  connectSecureStream,
  loadNodeKeys,
  newCollectionTask,
  streamAddressOf,
  streamCredentialsOf,
  type NodeKeys,
  type PeerCaller,
} from '@eko/sdk/node';
import type { DevLayout } from '../dev/dev-layout';
import { DEV_INITIATOR } from '../dev/network-plan';

/** What somebody keeps who means to come back after the stream was taken away. */
export interface KeptMaterial {
  readonly stream: StreamReference;
  readonly bundle: BundleRecord;
  /** The node that serves it. */
  readonly provider: NodeRecord;
  /** A permit that was good once. */
  readonly permitTxId: string;
  /** The envelopes as the dealers handed them over. */
  readonly envelopes: readonly EnvelopeDelivery[];
  readonly epochKey: SecretBytes<'epoch key'>;
}

const CALL_MS = 5_000;

/**
 * The initiator's node keys in other hands: it plays by the rules while the stream lives, keeps everything that the
 * rules say to destroy, and afterwards tries to get back in with it.
 */
export class FormerInitiator implements Disposable {
  readonly #keys: NodeKeys;
  readonly #ledger: Ledger;
  readonly #client: NodeClient;
  readonly #directory: NodeDirectory;

  private constructor(keys: NodeKeys, ledger: Ledger, client: NodeClient, directory: NodeDirectory) {
    this.#keys = keys;
    this.#ledger = ledger;
    this.#client = client;
    this.#directory = directory;
  }

  /** Takes the initiator's keys and identity out of its folder. */
  static async of(layout: DevLayout): Promise<FormerInitiator> {
    const files = layout.node(DEV_INITIATOR);
    const keys = loadNodeKeys(files.keys, { nodeId: DEV_INITIATOR, role: 'party' });
    const ledger = connectGatewayLedger({ profile: await readFabricProfile(files.profile) });
    const endpoints = new EndpointPolicy({ allowAddresses: ['127.0.0.0/8'] });
    const client = new NodeClient({ tls: keys.tls, endpoints });
    return new FormerInitiator(keys, ledger, client, await NodeDirectory.load(ledger));
  }

  /** Collects a live stream's key by the rules, with a permit of its own, and keeps everything. */
  async collectAndKeep(streamId: string): Promise<KeptMaterial> {
    const stream = parseStreamId(streamId);
    const { bundleId } = stream;
    const view = await this.#ledger.evaluate(TRANSACTIONS.readBundle, { bundleId });
    const permitTxId = await this.askForPermit(stream);
    const envelopes: EnvelopeDelivery[] = [];
    const epochKey = await this.#collect(view, stream, permitTxId, (delivery) => envelopes.push(delivery));
    const provider = this.#directory.require(view.bundle.policy.provider);
    return { stream, bundle: view.bundle, provider, permitTxId, envelopes, epochKey };
  }

  /** Connects to the provider with the kept key. */
  async connect({ stream, bundle, provider, epochKey }: KeptMaterial): Promise<SecureStream> {
    return connectSecureStream({
      ...streamAddressOf(provider),
      credentials: streamCredentialsOf(this.#ledger.channel, bundle, stream.index, FIRST_EPOCH, epochKey),
      streams: new LiveStreams(),
      deadlineMs: CALL_MS,
    });
  }

  /** Asks the ledger for leave to collect once more. */
  async askForPermit({ bundleId, index }: StreamReference): Promise<string> {
    const argument = { bundleId, epoch: FIRST_EPOCH, streams: [index] };
    return (await this.#ledger.submit(TRANSACTIONS.authorizeRelease, argument)).txId;
  }

  /** Asks a witness for its shares on the permit of before. */
  async askForShares(witness: string, { stream, permitTxId }: KeptMaterial): Promise<void> {
    const { bundleId, index } = stream;
    await this.#client.call({
      node: this.#directory.require(witness),
      route: NODE_ROUTES.release,
      body: { bundleId, epoch: FIRST_EPOCH, streams: [index], permitTxId },
      answerSchema: ReleaseAnswer,
      deadlineMs: CALL_MS,
    });
  }

  /** Hands a witness an envelope of before, as if it were dealt anew. */
  async replayEnvelope(witness: string, delivery: EnvelopeDelivery): Promise<void> {
    await this.#client.call({
      node: this.#directory.require(witness),
      route: NODE_ROUTES.deliverEnvelope,
      body: delivery,
      answerSchema: EnvelopeAcknowledgement,
      deadlineMs: CALL_MS,
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
    this.#ledger.close();
    this.#keys.dispose();
  }

  async #collect(
    view: BundleView,
    { index }: StreamReference,
    permitTxId: string,
    onEnvelope: (delivery: EnvelopeDelivery) => void,
  ): Promise<SecretBytes<'epoch key'>> {
    const task = newCollectionTask({
      channel: this.#ledger.channel,
      view,
      epoch: FIRST_EPOCH,
      party: DEV_INITIATOR,
    });
    let epochKey: SecretBytes<'epoch key'> | undefined;
    const ports = {
      peers: this.#watched(onEnvelope),
      keys: { kem: importX25519Key(this.#keys.kemPrivateKey) },
      primitives: nodeHpkePrimitives,
      verify: verifyEd25519OnNode,
      node: (nodeId: string) => this.#directory.require(nodeId),
      view: () => view,
      authorize: () => this.askForPermit({ bundleId: view.bundle.bundleId, index }),
      monotonicMs: () => performance.now(),
    };
    await collectKeys(task, [index], permitTxId, ports, {
      key: (_index, key) => {
        epochKey = key;
      },
      failed: (_index, error) => {
        throw error;
      },
      accuse: () => undefined,
    });
    if (epochKey === undefined) throw new EkoError('QUORUM_UNAVAILABLE', 'No key was collected');
    return epochKey;
  }

  /** Calls nodes and keeps the envelopes that they answer with. */
  #watched(onEnvelope: (delivery: EnvelopeDelivery) => void): PeerCaller {
    return {
      call: async (call) => {
        const answer = await this.#client.call(call);
        if (fits(EnvelopeDelivery, answer)) onEnvelope(answer);
        return answer;
      },
    };
  }
}
