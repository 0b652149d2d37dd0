import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  EkoError,
  isEkoError,
  parseStreamId,
  type StreamPolicy,
  type StreamReference,
  type StreamRequest,
} from '@eko/protocol';
import { TRANSACTIONS, consentInput, type BundleView, type LedgerEvent } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { BundleProjection } from '../bundles/bundle-projection';
import { isBundleOver } from '../bundles/stream-status';
import { connectGatewayLedger } from '../ledger/gateway-ledger';
import type { Ledger } from '../ledger/ledger';
import type { LedgerView } from '../ledger/ledger-view';
import { EndpointPolicy } from '../nodes/endpoint-policy';
import { NodeDirectory } from '../nodes/node-directory';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import { LiveStreams } from '../streams/live-streams';
import type { StreamTraffic } from '../streams/stream-traffic';
import type { SecureStream } from '../streams/secure-stream';
import type {
  StreamListenAddress,
  StreamReadiness,
  StreamServerLimits,
} from '../streams/secure-stream-server';
import { systemStreamClock } from '../streams/stream-clock';
import { CLIENT_BOUNDS, type ClientBounds } from './client-bounds';
import type { ClientContext } from './client-context';
import type { ConnectOptions, EkoClientOptions } from './connect-options';
import type { StoredClient } from './client-store';
import { EkoStream } from './eko-stream';
import { FollowedLedger } from './followed-ledger';
import { LedgerReactions } from './ledger-reactions';
import { openPartyMeans, refuseOtherKeys, type OpenedMeans } from './party-means';
import { ProviderService, type ProviderListener } from './provider-service';
import { ReasonsOfLoss } from './reasons-of-loss';
import { StreamKeys } from './stream-keys';
import { submitRequest } from './submit-request';
import { submitUntilKnown } from './submit-until-known';

/** Serves one connection of a stream. When it throws or rejects, the connection is destroyed. */
export type ProviderHandler = (connection: SecureStream, stream: EkoStream) => void | Promise<void>;

/**
 * A party of EKO: requests streams and opens them, or accepts and serves them. One client a process is enough; it keeps
 * one subscription to the ledger, from which everything else follows.
 *
 * @example
 * ```ts
 * const ledger = await readFabricProfile('profile.json');
 * await using client = await EkoClient.connect({ ledger, keysDirectory: 'keys' });
 * const stream = await client.requestStream(policy, { dataType: 'sensor-log', permissions: ['read'] });
 * const connection = await stream.open();
 * ```
 */
export class EkoClient {
  readonly #context: ClientContext;
  readonly #keys: StreamKeys;
  readonly #reactions: LedgerReactions;
  readonly #closing: AbortController;
  readonly #ownsLedger: boolean;
  readonly #means: OpenedMeans;
  readonly #provider: ProviderService;
  readonly #reasons: ReasonsOfLoss;
  readonly #followed: FollowedLedger;

  /**
   * Connects: reads the registry, follows the ledger from its first block or from where its store says, and proves by a
   * heartbeat of its own that it has caught up.
   *
   * @throws EkoError `NOT_FOUND` where the node is not registered, `INVALID_CONFIG` where its keys are not the
   *   registered ones, its key folder is not sound or its store is that of another party or ledger, `CORRUPT_RECORD` for
   *   a store that does not hold, `DEADLINE_EXCEEDED`, `CANCELLED`, and those of `Ledger`
   */
  static async connect(options: EkoClientOptions): Promise<EkoClient> {
    const bounds = { ...CLIENT_BOUNDS, ...options.bounds };
    const means = openPartyMeans(options);
    const ownsLedger = !('submit' in options.ledger);
    const ledger =
      'submit' in options.ledger ? options.ledger : connectGatewayLedger({ profile: options.ledger });
    let client: EkoClient | undefined;
    const limits = { deadlineMs: options.deadlineMs ?? bounds.connectMs, signal: options.signal };
    try {
      return await withDeadline('Connecting', limits, async (signal) => {
        const directory = await NodeDirectory.load(
          ledger,
          { signal },
          ({ nodeId }) => nodeId === means.keys.nodeId,
        );
        const stored = await options.store?.load();
        signal.throwIfAborted();
        directory.restore(stored?.nodes ?? []);
        refuseOtherKeys(directory, means.keys);
        client = new EkoClient(options, means, ledger, directory, bounds, ownsLedger, stored);
        await client.#followed.caughtUp(signal);
        client.#reactions.start(client.ledgerView);
        return client;
      });
    } catch (error) {
      await client?.close();
      if (ownsLedger) ledger.close();
      means.close();
      throw error;
    }
  }

  private constructor(
    options: ConnectOptions,
    means: OpenedMeans,
    ledger: Ledger,
    directory: NodeDirectory,
    bounds: ClientBounds,
    ownsLedger: boolean,
    stored: StoredClient | undefined,
  ) {
    const { keys, peers, endpoints = new EndpointPolicy() } = means;
    const { clock = systemStreamClock, observer = {} } = options;
    this.#closing = new AbortController();
    // Every wait of the client listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.#ownsLedger = ownsLedger;
    this.#means = means;
    this.#context = {
      ledger,
      keys,
      peers,
      endpoints,
      directory,
      bundles: BundleProjection.ofParty(keys.nodeId),
      live: new LiveStreams({
        clock,
        onDirectionRefused: (streamId, direction) =>
          options.observer?.onDirectionRefused?.(streamId, direction),
        reasonOfLoss: (stream, loss, signal) => this.#reasons.of(stream, loss, signal),
        traffic: observer,
        onEnded: (ended) => observer.onEnded?.(ended),
      }),
      clock,
      bounds,
      observer,
      closing: this.#closing.signal,
    };
    this.#reasons = new ReasonsOfLoss(this.#context);
    this.#keys = new StreamKeys(this.#context, (view, index, key) => {
      this.#provider.serve(view, index, key);
    });
    this.#provider = new ProviderService(this.#context, this.#keys);
    this.#reactions = new LedgerReactions(this.#context, this.#keys, this.#provider);
    this.#reactions.listen((event) => {
      this.#reasons.observe(event);
    });
    this.#followed = new FollowedLedger(this.#context, this.#reactions, options.store, stored);
  }

  /** The node that this client acts as. */
  get nodeId(): string {
    return this.#context.keys.nodeId;
  }

  /** Every registered node. */
  get nodes(): Pick<NodeDirectory, 'get' | 'require' | 'all'> {
    return this.#context.directory;
  }

  /** The bundles of this party, as the ledger holds them. */
  get bundles(): Pick<BundleProjection, 'get' | 'all' | 'inOrder' | 'watch'> {
    return this.#context.bundles;
  }

  /** Open connections, and bytes each way so far. */
  get traffic(): Pick<StreamTraffic, 'connections' | 'receivedBytes' | 'sentBytes'> {
    return this.#context.live.traffic;
  }

  /** Bundles whose destruction this party has still to attest. */
  get owedAttestations(): number {
    return this.#reactions.owed;
  }

  /** How far this process has seen the ledger advance. */
  get ledgerView(): LedgerView {
    return this.#followed.view;
  }

  /**
   * Requests one stream.
   *
   * @returns the stream, requested; `whenActive` waits for its key to be dealt
   * @throws EkoError as `requestStreams`
   */
  async requestStream(
    policy: StreamPolicy,
    request: StreamRequest,
    options: CallLimits & { readonly bundleId?: string } = {},
  ): Promise<EkoStream> {
    const [stream] = await this.requestStreams(policy, [request], options);
    if (stream === undefined) throw new RangeError('A bundle of one has one stream');
    return stream;
  }

  /**
   * Requests a bundle of streams under one policy. Lost answers are asked for again by the bundle's own ID, so that no
   * second bundle can come of it; the same ID with the same content answers the same streams.
   *
   * @throws EkoError the contract's refusal (`POLICY_UNSATISFIABLE`, `INVALID_PARTY`, `SECRET_IN_METADATA`,
   *   `IDEMPOTENCY_MISMATCH`, `NO_SLOT` where too many wait for this provider, ...), `DEADLINE_EXCEEDED`, `CANCELLED`, `LEDGER_UNAVAILABLE`
   */
  async requestStreams(
    policy: StreamPolicy,
    requests: readonly StreamRequest[],
    options: CallLimits & { readonly bundleId?: string } = {},
  ): Promise<readonly EkoStream[]> {
    const { bundleId = randomUUID(), ...limits } = options;
    const argument = { bundleId, policy, requests: [...requests] };
    const { bundle, assignment } = await submitRequest(this.#context, argument, limits);
    const assignments = assignment === undefined ? [] : [assignment];
    this.#context.bundles.adopt({ bundle, assignments, dealings: [], ends: [] });
    return bundle.requests.map((_request, index) => this.#streamOf({ bundleId, index }));
  }

  /**
   * Consents to a bundle, as its provider; resolves once this process has seen the consent. Consenting twice is no error.
   *
   * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE`, `BAD_PROOF` where this party has another `vrf`
   *   key than it had at the request, `POLICY_UNSATISFIABLE` where too few orchestrators are left
   */
  async accept(bundleId: string, limits: CallLimits = {}): Promise<void> {
    const { ledger, bundles, keys } = this.#context;
    const known =
      bundles.get(bundleId) ?? (await ledger.evaluate(TRANSACTIONS.readBundle, { bundleId }, limits));
    const { requestTxId } = known.bundle;
    const proof = keys.prove(consentInput({ channel: ledger.channel, bundleId, requestTxId }));
    const argument = { bundleId, proof: encodeBase64Url(proof) };
    await submitUntilKnown(this.#context, TRANSACTIONS.acceptStream, argument, limits);
    await this.#seenIn(bundleId, limits, (view) => view.acceptance !== undefined || isBundleOver(view));
  }

  /** Declines a bundle, as its provider: it ends. Declining twice is no error. */
  async decline(bundleId: string, note?: string, limits: CallLimits = {}): Promise<void> {
    const argument = { bundleId, ...(note === undefined ? {} : { note }) };
    try {
      await this.#context.ledger.submit(TRANSACTIONS.declineStream, argument, limits);
    } catch (error) {
      const ends = this.#context.bundles.get(bundleId)?.ends ?? [];
      if (!isEkoError(error, 'STREAM_ENDED') || !ends.some(({ reason }) => reason === 'declined'))
        throw error;
    }
    await this.#seenIn(bundleId, limits, isBundleOver);
  }

  /**
   * A stream of this party by its ID.
   *
   * @throws EkoError `NOT_FOUND`, `INVALID_ARGUMENT`
   */
  stream(streamId: string): EkoStream {
    const reference = parseStreamId(streamId);
    const view = this.#context.bundles.get(reference.bundleId);
    if (view?.bundle.requests[reference.index] === undefined)
      throw new EkoError('NOT_FOUND', `Stream ${streamId} is not known here`, { details: { streamId } });
    return this.#streamOf(reference);
  }

  /**
   * Serves this provider's streams: collects the keys of those that are active and become so, and hands each connection
   * to `handler`.
   *
   * @param address - the one that the node record names, or where that leads; port 0 picks a free one
   * @param ready - keeps an initiator waiting until there is somebody to serve its connection
   * @throws EkoError `INVALID_CONFIG` when the address cannot be had
   */
  listen(
    handler: ProviderHandler,
    address: StreamListenAddress,
    limits?: Partial<StreamServerLimits>,
    ready?: StreamReadiness,
  ): Promise<ProviderListener> {
    return this.#provider.listen(
      (connection, { streamId }) => handler(connection, this.stream(streamId)),
      address,
      limits,
      ready,
    );
  }

  /** Calls `listener` with every ledger event from now on, in order; the answer stops it. Must not throw. */
  onEvent(listener: (event: LedgerEvent) => void): () => void {
    return this.#reactions.listen(listener);
  }

  /** Wipes all keys, closes all connections and the subscription. Streams stay as they are on the ledger. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#keys.close();
    this.#context.live.close();
    await this.#provider.close();
    await this.#followed.close();
    if (this.#ownsLedger) this.#context.ledger.close();
    this.#means.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #seenIn(
    bundleId: string,
    limits: CallLimits,
    condition: (view: BundleView) => boolean,
  ): Promise<void> {
    const { deadlineMs = this.#context.bounds.setupMs, signal } = limits;
    await this.#context.bundles.until(
      bundleId,
      `The answer to ${bundleId}`,
      { deadlineMs, signal },
      (view) => (condition(view) ? true : undefined),
    );
  }

  #streamOf(reference: StreamReference): EkoStream {
    return new EkoStream(this.#context, this.#keys, reference);
  }
}
