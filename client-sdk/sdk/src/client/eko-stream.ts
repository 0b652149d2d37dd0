import {
  EkoError,
  formatStreamId,
  isEkoError,
  type SecretBytes,
  type StreamEnd,
  type StreamReference,
  type StreamState,
} from '@eko/protocol';
import { FIRST_EPOCH, TRANSACTIONS, type BundleRecord } from '@eko/protocol/ledger';
import { deriveExportedKey } from '@eko/protocol/crypto';
import { streamStatusOf, type StreamStatus } from '../bundles/stream-status';
import { backoffMs, pause } from '../pacing/backoff';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import { connectSecureStream } from '../streams/connect-secure-stream';
import { streamEndedError } from '../streams/live-streams';
import type { SecureStream } from '../streams/secure-stream';
import type { ClientContext } from './client-context';
import { streamAddressOf } from './stream-address';
import { streamCredentialsOf } from './stream-credentials-of';
import { submitUntilKnown } from './submit-until-known';
import type { StreamKeys } from './stream-keys';

const OPEN_BACKOFF = { firstMs: 50, mostMs: 1_000 };
/** Failures that the other end's view of the ledger can be the cause of. */
const MAY_BE_AN_END = ['STREAM_CUT', 'PEER_UNAVAILABLE', 'HANDSHAKE_REFUSED', 'DEADLINE_EXCEEDED'] as const;
const NO_END_MS = 2 ** 31 - 1;

/** One stream as an application sees it; any number of these may stand for the same stream. */
export class EkoStream {
  /** `bundleId/index`. */
  readonly id: string;
  /** UUID of its bundle. */
  readonly bundleId: string;
  /** Its place in the bundle, from 0. */
  readonly index: number;
  readonly #context: ClientContext;
  readonly #keys: StreamKeys;

  /**
   * `EkoClient` makes it.
   *
   * @internal
   */
  constructor(context: ClientContext, keys: StreamKeys, { bundleId, index }: StreamReference) {
    this.#context = context;
    this.#keys = keys;
    this.bundleId = bundleId;
    this.index = index;
    this.id = formatStreamId({ bundleId, index });
  }

  /** The request as the ledger holds it. */
  get bundle(): BundleRecord {
    return this.#view.bundle;
  }

  /** Which side of the stream this party is. */
  get role(): 'initiator' | 'provider' {
    return this.bundle.initiator === this.#context.keys.nodeId ? 'initiator' : 'provider';
  }

  /** Where the stream stands on the ledger, as this process sees it. */
  get status(): StreamStatus {
    return streamStatusOf(this.#view, this.index);
  }

  /** `requested`, `accepted`, `active` or `ended`. */
  get state(): StreamState {
    return this.status.state;
  }

  /**
   * Waits until the stream is active.
   *
   * @param limits - the deadline is the time of the whole set-up, if none is given
   * @throws EkoError `STREAM_ENDED` with the reason, `DEADLINE_EXCEEDED`, `CANCELLED`
   */
  async whenActive(limits: CallLimits = {}): Promise<void> {
    const { deadlineMs = 2 * this.#context.bounds.setupMs } = limits;
    await this.#until('Activation', { ...limits, deadlineMs }, ({ state, end }) => {
      if (end !== undefined) throw streamEndedError(this.id, end.reason);
      return state === 'active' ? true : undefined;
    });
  }

  /**
   * Waits until the stream ends, and answers how.
   *
   * @throws EkoError `DEADLINE_EXCEEDED`, `CANCELLED`
   */
  whenEnded(limits: CallLimits = {}): Promise<StreamEnd> {
    return this.#until('End', { ...limits, deadlineMs: limits.deadlineMs ?? NO_END_MS }, ({ end }) => end);
  }

  /** Calls `listener` once when the stream ends, at once if it has; the answer cancels that. */
  onEnd(listener: (end: StreamEnd) => void): () => void {
    const present = this.status.end;
    if (present !== undefined) {
      queueMicrotask(() => {
        listener(present);
      });
      return () => undefined;
    }
    const stop = this.#context.bundles.watch(() => {
      const { end } = this.status;
      if (end === undefined) return;
      stop();
      listener(end);
    }, this.bundleId);
    return stop;
  }

  /**
   * What a person is to be told of a failure of this stream, of a connection or of the wait for one: `STREAM_ENDED` with
   * the ledger's reason where the stream has ended, else `error` itself. Where the other end may only have seen the end
   * first, it waits for the ledger's word, at most `ClientBounds.reasonMs`. The errors of connections have been asked
   * already.
   */
  async reasonOf<Failure>(error: Failure, signal?: AbortSignal): Promise<Failure | Error> {
    if (!isEkoError(error, ...MAY_BE_AN_END)) return error;
    const { notAfterUnixMs } = this.bundle;
    return this.#context.live.reasonOf({ streamId: this.id, notAfterUnixMs }, error, signal);
  }

  /**
   * Opens a connection to the provider, as the initiator: waits for the activation and the key, and tries until the
   * provider serves it. Not one byte of the application leaves before both ends have proved the stream's key.
   *
   * @throws EkoError `BAD_STATE` at the provider; `STREAM_ENDED`; `QUORUM_UNAVAILABLE`; `INVALID_ENDPOINT` or `ENDPOINT_REFUSED`
   *   for the provider's address; what the last
   *   attempt failed with (`PEER_UNAVAILABLE`, `HANDSHAKE_REFUSED`); `DEADLINE_EXCEEDED`; `CANCELLED`
   */
  async open(limits: CallLimits = {}): Promise<SecureStream> {
    if (this.role !== 'initiator')
      throw new EkoError('BAD_STATE', 'Only the initiator opens connections; the provider listens');
    const { deadlineMs = this.#context.bounds.openMs } = limits;
    const refused: { last?: EkoError } = {};
    let asked: Promise<unknown> | undefined;
    try {
      return await withDeadline(
        `Opening ${this.id}`,
        { deadlineMs, signal: limits.signal },
        async (signal) => {
          await this.whenActive({ deadlineMs, signal });
          for (let attempt = 1; ; attempt += 1) {
            try {
              return await this.#openOnce(deadlineMs, signal);
            } catch (error) {
              if (!isEkoError(error, ...MAY_BE_AN_END)) throw error;
              if (error.code === 'STREAM_CUT') throw await this.reasonOf(error, signal);
              if (error.code === 'DEADLINE_EXCEEDED') throw error;
              refused.last = error;
              // The provider may have seen the end first. Where the ledger says so too, the next attempt tells.
              asked ??= this.reasonOf(error, signal).finally(() => (asked = undefined));
            }
            await pause(backoffMs(attempt, OPEN_BACKOFF), signal);
            signal.throwIfAborted();
          }
        },
      );
    } catch (error) {
      if (!isEkoError(error, 'DEADLINE_EXCEEDED')) throw error;
      const reason = this.#context.live.endReason(this.id);
      if (reason !== undefined) throw streamEndedError(this.id, reason);
      throw refused.last ?? error;
    }
  }

  /**
   * A key for the application's own use, the same at both ends. Its holder disposes of it when the stream ends.
   *
   * @param label - names the use; another label gives an unrelated key
   * @param lengthBytes - 16 to 1024
   * @throws EkoError `INVALID_ARGUMENT`, and those of `open` that concern the key
   */
  async exportKey(
    label: string,
    lengthBytes: number,
    options: CallLimits & { readonly context?: Uint8Array } = {},
  ): Promise<SecretBytes<'exported key'>> {
    const { deadlineMs = this.#context.bounds.openMs, signal } = options;
    await this.whenActive({ deadlineMs, signal });
    const key = await this.#keys.obtain(this.bundleId, this.index, { deadlineMs, signal });
    return deriveExportedKey(key, label, options.context ?? new Uint8Array(), lengthBytes);
  }

  /** Ends the stream as completed; ending what has ended is no error. */
  async complete(limits?: CallLimits): Promise<void> {
    const argument = { bundleId: this.bundleId, streams: [this.index], reason: 'completed' as const };
    await this.#end(() => submitUntilKnown(this.#context, TRANSACTIONS.endStream, argument, limits));
  }

  /**
   * Revokes the stream, for everybody and for good. A stream that is not active yet ends with its whole bundle.
   *
   * @param note - a public reason, for people
   */
  async revoke(note?: string, limits?: CallLimits): Promise<void> {
    const streams = this.#view.dealings.length === 0 ? ('all' as const) : [this.index];
    const argument = { bundleId: this.bundleId, streams, ...(note === undefined ? {} : { note }) };
    await this.#end(() => submitUntilKnown(this.#context, TRANSACTIONS.revokeStream, argument, limits));
  }

  get #view() {
    const view = this.#context.bundles.get(this.bundleId);
    if (view === undefined) throw new EkoError('NOT_FOUND', `Stream ${this.id} is not known`);
    return view;
  }

  async #openOnce(deadlineMs: number, signal: AbortSignal): Promise<SecureStream> {
    const { ledger, directory, endpoints, live } = this.#context;
    const { bundle } = this;
    const provider = directory.require(bundle.policy.provider);
    const { address: host, port } = await endpoints.locate(streamAddressOf(provider));
    const key = await this.#keys.obtain(this.bundleId, this.index, { deadlineMs, signal });
    const credentials = streamCredentialsOf(ledger.channel, bundle, this.index, FIRST_EPOCH, key);
    return connectSecureStream({ host, port, credentials, streams: live, deadlineMs, signal });
  }

  async #end(submit: () => Promise<unknown>): Promise<void> {
    try {
      await submit();
    } catch (error) {
      if (!isEkoError(error, 'STREAM_ENDED')) throw error;
    }
    // What was ended is seen as ended by the time this resolves.
    await this.whenEnded({ deadlineMs: this.#context.bounds.setupMs });
  }

  async #until<T>(
    what: string,
    limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
    answer: (status: StreamStatus) => T | undefined,
  ): Promise<T> {
    const present = answer(this.status);
    if (present !== undefined) return present;
    const { index } = this;
    const signal = AbortSignal.any([
      this.#context.closing,
      ...(limits.signal === undefined ? [] : [limits.signal]),
    ]);
    return this.#context.bundles.until(
      this.bundleId,
      `${what} of ${this.id}`,
      { deadlineMs: limits.deadlineMs, signal },
      (view) => answer(streamStatusOf(view, index)),
    );
  }
}
