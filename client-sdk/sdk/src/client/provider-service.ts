import { formatStreamId, type SecretBytes } from '@eko/protocol';
import { streamStateOf, type BundleView } from '@eko/protocol/ledger';
import { indicesOf } from '../bundles/stream-status';
import {
  SecureStreamServer,
  type StreamHandler,
  type StreamListenAddress,
  type StreamReadiness,
  type StreamServerLimits,
} from '../streams/secure-stream-server';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import { streamCredentialsOf } from './stream-credentials-of';
import type { StreamKeys } from './stream-keys';

/** A provider's listener. */
export interface ProviderListener extends AsyncDisposable {
  /** Where it listens. */
  readonly address: StreamListenAddress;
  /** Stops listening and destroys its connections; the streams stay active. */
  close(): Promise<void>;
}

/** Serves a provider's active streams while it listens anywhere: fetches their keys and lets connections in. */
export class ProviderService {
  readonly #context: ClientContext;
  readonly #keys: StreamKeys;
  readonly #servers = new Set<SecureStreamServer>();

  constructor(context: ClientContext, keys: StreamKeys) {
    this.#context = context;
    this.#keys = keys;
  }

  /**
   * Opens one more listening socket.
   *
   * @throws EkoError `INVALID_CONFIG` when the address cannot be had
   */
  async listen(
    handler: StreamHandler,
    address: StreamListenAddress,
    limits?: Partial<StreamServerLimits>,
    ready?: StreamReadiness,
  ): Promise<ProviderListener> {
    const { live, clock, bundles, observer } = this.#context;
    const server = new SecureStreamServer({
      streams: live,
      handler,
      ready,
      clock,
      onRefused: (refusal) => observer.onRefused?.(refusal),
      ...(limits === undefined ? {} : { limits }),
    });
    const actual = await server.listen(address);
    this.#servers.add(server);
    for (const view of bundles.all()) this.activated(view);
    const close = async (): Promise<void> => {
      this.#servers.delete(server);
      await server.close();
    };
    return { address: actual, close, [Symbol.asyncDispose]: close };
  }

  /** A bundle is active: its streams are served if this party provides them and listens. */
  activated(view: BundleView): void {
    if (!this.#isServed(view) || view.dealings.length === 0) return;
    const { bundleId } = view.bundle;
    for (const index of indicesOf(view)) {
      const key = this.#keys.get(formatStreamId({ bundleId, index }));
      if (key !== undefined) this.serve(view, index, key);
    }
    void this.#keys.keepCollecting(bundleId);
  }

  /** A stream's key is here: from now on its initiator can connect. */
  serve(view: BundleView, index: number, key: SecretBytes<'epoch key'>): void {
    if (!this.#isServed(view) || streamStateOf(view, index) !== 'active') return;
    const { ledger, live } = this.#context;
    const epoch = view.dealings.at(-1)?.epoch ?? 1;
    try {
      live.grant(streamCredentialsOf(ledger.channel, view.bundle, index, epoch, key), 'provider');
    } catch (error) {
      reportTrouble(this.#context, error, 'Serving a stream');
    }
  }

  /** Closes every listening socket. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.close()));
    this.#servers.clear();
  }

  #isServed(view: BundleView): boolean {
    return this.#servers.size > 0 && view.bundle.policy.provider === this.#context.keys.nodeId;
  }
}
