import { EkoError, parseStreamId } from '@eko/protocol';
import { decodeBase64Url, parseStrictJson } from '@eko/protocol/encoding';
import {
  JSON_OPERATIONS,
  RAW_OPERATIONS,
  parseAnswer,
  pathOf,
  type BundleDocument,
  type JsonAnswer,
  type JsonCall,
  type JsonOperationId,
  type NewStreams,
  type StreamDocument,
  type StreamFilter,
  type StreamPage,
  type TransferDocument,
  type TransferTotals,
} from '@eko/protocol/rest';
import { boundedText, problemOf, silentError, unreachable, type PartyAccess } from './party-access';
import { readServerEvents, type ServerEvent } from './server-events';

const ANSWER = { maxBytes: 4 * 1024 * 1024, maxDepth: 16 };
/** Longer than a party waits for the ledger. */
const DEADLINE_MS = 100_000;
/** For what a party answers out of its memory. */
const MEMORY_DEADLINE_MS = 30_000;
/** A party says something into its events every few seconds, even where nothing happens. */
const SILENCE_MS = 90_000;

/** A request of which no answer has been read yet. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: object;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** The REST API of a party. Every answer is checked, every failure carries its code. */
export class PartyApi {
  readonly #access: PartyAccess;
  readonly #signal: AbortSignal;

  /** @param signal - aborts every call */
  constructor(access: PartyAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /** Requests one stream or a bundle of them. */
  requestStreams(request: NewStreams): Promise<BundleDocument> {
    return this.call('requestStreams', { body: request });
  }

  /** Lists streams. */
  list(filter: StreamFilter = {}): Promise<StreamPage> {
    return this.call('listStreams', { query: filter });
  }

  /** Shows one stream. */
  show(streamId: string): Promise<StreamDocument> {
    return this.call('showStream', { params: parseStreamId(streamId) }, MEMORY_DEADLINE_MS);
  }

  /** Consents to a bundle. */
  accept(bundleId: string): Promise<BundleDocument> {
    return this.call('acceptStreams', { params: { bundleId } });
  }

  /** Ends a stream as completed. */
  complete(streamId: string): Promise<StreamDocument> {
    return this.call('completeStream', { params: parseStreamId(streamId) });
  }

  /** Revokes a stream; `note` is a public reason. */
  revoke(streamId: string, note?: string): Promise<StreamDocument> {
    const body = note === undefined ? {} : { note };
    return this.call('revokeStream', { params: parseStreamId(streamId), body });
  }

  /** What became of a transfer. */
  transfer(streamId: string, transferId: string, deadlineMs = MEMORY_DEADLINE_MS): Promise<TransferDocument> {
    return this.call('showTransfer', { params: { ...parseStreamId(streamId), transferId } }, deadlineMs);
  }

  /** Says that a transfer has been received and kept. */
  confirmTransfer(streamId: string, transferId: string, totals: TransferTotals): Promise<TransferDocument> {
    return this.call('confirmTransfer', { params: { ...parseStreamId(streamId), transferId }, body: totals });
  }

  /**
   * Derives a key for an application, under a label that the party allows. The answer is a secret.
   *
   * @throws EkoError `FORBIDDEN` for another label
   */
  async exportKey(streamId: string, label: string, lengthBytes: number): Promise<Uint8Array> {
    const parts = { params: parseStreamId(streamId), body: { label, lengthBytes } };
    const { key } = await this.call('exportKey', parts);
    return decodeBase64Url(key, lengthBytes);
  }

  /**
   * Follows the party's events until the signal aborts.
   *
   * @throws EkoError `DEADLINE_EXCEEDED` where the party says nothing any more, not even that it lives; the party's
   *   refusal; as `readServerEvents`
   */
  async *events(signal: AbortSignal, silenceMs = SILENCE_MS): AsyncGenerator<ServerEvent> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), silenceMs);
    const heard = (): void => void timer.refresh();
    const { method, path } = RAW_OPERATIONS.followEvents;
    const asked = { method, path, signal: AbortSignal.any([signal, silence.signal]) };
    try {
      const answer = await this.#fetch(asked);
      if (answer.status !== 200 || answer.body === null)
        throw problemOf(answer.status, await this.#textOf(answer, asked));
      yield* readServerEvents(answer.body, signal, heard);
    } catch (error) {
      throw silence.signal.aborted && !signal.aborted
        ? silentError(this.#access, `is silent on ${path}`)
        : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Calls any operation that answers JSON, by its name in the API's OpenAPI document.
   *
   * @param parts - of the request, as far as the operation has them
   * @throws EkoError the party's reason; `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`; `CORRUPT_RECORD` for
   *   another answer than the operation's
   */
  async call<Id extends JsonOperationId>(
    id: Id,
    parts: Partial<JsonCall<Id>>,
    deadlineMs = DEADLINE_MS,
  ): Promise<JsonAnswer<Id>> {
    const { method, path: pattern, answer: schema } = JSON_OPERATIONS[id];
    const { params = {}, query = {}, headers = {}, body = {} } = parts;
    const path = pathOf(pattern, params);
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    const asked = {
      method,
      path: search.size === 0 ? path : `${path}?${search.toString()}`,
      headers,
      ...(method === 'POST' ? { body } : {}),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(deadlineMs)]),
    };
    const answer = await this.#fetch(asked);
    const text = await this.#textOf(answer, asked);
    if (!answer.ok) throw problemOf(answer.status, text);
    return parseAnswer(schema, parseStrictJson(text, ANSWER), `Answer of ${asked.path}`);
  }

  async #fetch(asked: Asked): Promise<Response> {
    const { method, path, headers, body, signal } = asked;
    try {
      return await fetch(new URL(path, this.#access.address), {
        method,
        signal,
        redirect: 'error',
        headers: {
          ...headers,
          authorization: `Bearer ${this.#access.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw this.#failure(error, asked);
    }
  }

  async #textOf(answer: Response, asked: Asked): Promise<string> {
    try {
      return await boundedText(answer.body, ANSWER.maxBytes);
    } catch (error) {
      throw error instanceof EkoError ? error : this.#failure(error, asked);
    }
  }

  #failure(error: unknown, { path, signal }: Asked): EkoError {
    if (this.#signal.aborted) return new EkoError('CANCELLED', 'Stopped before the party answered');
    if (signal.aborted) return silentError(this.#access, `did not answer ${path} in time`);
    return unreachable(this.#access, error);
  }
}
