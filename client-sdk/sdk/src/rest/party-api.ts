import { EkoError, parseStreamId, type RequestStreams } from '@eko/protocol';
import { PARTY_ROUTES } from '@eko/protocol/rest';
import {
  Type,
  decodeBase64Url,
  parseStrictJson,
  parseWith,
  type Static,
  type TSchema,
} from '@eko/protocol/encoding';
import { boundedText } from './bounded-text';
import { problemOf } from './party-problem';
import { BundleFacts, StreamFacts, StreamList } from './stream-facts';
import { TransferFacts, type TransferTotals } from './transfer-facts';
import { readServerEvents, type ServerEvent } from './server-events';

/** Where a party's REST API is, and the token that opens it. */
export interface PartyAccess {
  readonly address: URL;
  readonly token: string;
}

/** What is asked of a party that requests streams; without a `bundleId` it makes one. */
export type NewStreams = Omit<RequestStreams, 'bundleId'> & { readonly bundleId?: string };

/** Which streams to list. */
export interface StreamFilter {
  readonly state?: string;
  readonly role?: string;
  readonly limit?: number;
  readonly after?: string;
}

const ExportedKey = Type.Object({ label: Type.String(), key: Type.String() });

const ANSWER = { maxBytes: 4 * 1024 * 1024, maxDepth: 16 };
/** Longer than a party waits for the ledger. */
const DEADLINE_MS = 100_000;
/** For what a party answers out of its memory. */
const MEMORY_DEADLINE_MS = 30_000;
/** A party says something into its events every few seconds, even where nothing happens. */
const SILENCE_MS = 90_000;

/** A party's REST API, as the command uses it. Every answer is checked, every failure carries its code. */
export class PartyApi {
  readonly #access: PartyAccess;
  readonly #signal: AbortSignal;

  constructor(access: PartyAccess, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /** Requests one stream or a bundle of them. */
  requestStreams(request: NewStreams): Promise<BundleFacts> {
    return this.#call('POST', PARTY_ROUTES.streams, BundleFacts, request);
  }

  /** Lists streams. */
  list(filter: StreamFilter): Promise<StreamList> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) query.set(name, String(value));
    return this.#call('GET', `${PARTY_ROUTES.streams}?${query.toString()}`, StreamList);
  }

  /** Shows one stream. */
  show(streamId: string): Promise<StreamFacts> {
    const path = streamPath(PARTY_ROUTES.stream, streamId);
    return this.#call('GET', path, StreamFacts, undefined, MEMORY_DEADLINE_MS);
  }

  /** Consents to a bundle. */
  accept(bundleId: string): Promise<BundleFacts> {
    return this.#call('POST', bundlePath(PARTY_ROUTES.accept, bundleId), BundleFacts, {});
  }

  /** Ends a stream as completed. */
  complete(streamId: string): Promise<StreamFacts> {
    return this.#call('POST', streamPath(PARTY_ROUTES.complete, streamId), StreamFacts, {});
  }

  /** Revokes a stream. */
  revoke(streamId: string, note?: string): Promise<StreamFacts> {
    const body = note === undefined ? {} : { note };
    return this.#call('POST', streamPath(PARTY_ROUTES.revoke, streamId), StreamFacts, body);
  }

  /** What became of a transfer. */
  transfer(streamId: string, transferId: string, deadlineMs = MEMORY_DEADLINE_MS): Promise<TransferFacts> {
    const path = transferPath(PARTY_ROUTES.transfer, streamId, transferId);
    return this.#call('GET', path, TransferFacts, undefined, deadlineMs);
  }

  /** Says that a transfer has been received and kept. */
  confirmTransfer(streamId: string, transferId: string, totals: TransferTotals): Promise<TransferFacts> {
    const path = transferPath(PARTY_ROUTES.confirm, streamId, transferId);
    return this.#call('POST', path, TransferFacts, totals);
  }

  /**
   * Derives a key for an application, under a label that the party allows. The answer is a secret.
   *
   * @throws EkoError `FORBIDDEN` for another label
   */
  async exportKey(streamId: string, label: string, lengthBytes: number): Promise<Uint8Array> {
    const path = streamPath(PARTY_ROUTES.exports, streamId);
    const { key } = await this.#call('POST', path, ExportedKey, { label, lengthBytes });
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
    const until = AbortSignal.any([signal, silence.signal]);
    const path = PARTY_ROUTES.events;
    try {
      const answer = await this.#fetch('GET', path, undefined, until);
      if (answer.status !== 200 || answer.body === null)
        throw problemOf(answer.status, await this.#textOf(answer, path, until));
      yield* readServerEvents(answer.body, signal, heard);
    } catch (error) {
      throw silence.signal.aborted && !signal.aborted
        ? silentError(this.#access, `is silent on ${path}`)
        : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #call<Answer extends TSchema>(
    method: 'GET' | 'POST',
    path: string,
    schema: Answer,
    body?: object,
    deadlineMs = DEADLINE_MS,
  ): Promise<Static<Answer>> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(deadlineMs)]);
    const answer = await this.#fetch(method, path, body, signal);
    const text = await this.#textOf(answer, path, signal);
    if (!answer.ok) throw problemOf(answer.status, text);
    return parseWith(schema, parseStrictJson(text, ANSWER), `Answer of ${path}`, 'CORRUPT_RECORD');
  }

  async #fetch(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#access.address), {
        method,
        signal,
        redirect: 'error',
        headers: {
          authorization: `Bearer ${this.#access.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw this.#failure(error, path, signal);
    }
  }

  async #textOf(answer: Response, path: string, signal: AbortSignal): Promise<string> {
    try {
      return await boundedText(answer.body, ANSWER.maxBytes);
    } catch (error) {
      throw error instanceof EkoError ? error : this.#failure(error, path, signal);
    }
  }

  #failure(error: unknown, path: string, signal: AbortSignal): EkoError {
    if (this.#signal.aborted) return new EkoError('CANCELLED', 'Stopped before the party answered');
    if (signal.aborted) return silentError(this.#access, `did not answer ${path} in time`);
    return unreachable(this.#access, error);
  }
}

/** The error of a party that cannot be reached. */
export function unreachable({ address }: PartyAccess, cause: unknown): EkoError {
  return new EkoError('PEER_UNAVAILABLE', `No party answers at ${address.origin}`, {
    details: { address: address.origin },
    cause,
  });
}

/** The error of a party that takes a connection and says nothing. */
export function silentError({ address: { origin } }: PartyAccess, what = 'does not answer'): EkoError {
  const next =
    'see whether that party runs (its log; eko dev status), restart it if it hangs, then run this again';
  return new EkoError('DEADLINE_EXCEEDED', `The party at ${origin} ${what}`, {
    details: { address: origin, next },
  });
}

/** The path of a route about one stream. */
export function streamPath(route: string, streamId: string): string {
  const { bundleId, index } = parseStreamId(streamId);
  return route.replace(':bundleId', bundleId).replace(':index', String(index));
}

const transferPath = (route: string, streamId: string, transferId: string): string =>
  streamPath(route, streamId).replace(':transferId', transferId);

const bundlePath = (route: string, bundleId: string): string =>
  route.replace(':bundleId', encodeURIComponent(bundleId));
