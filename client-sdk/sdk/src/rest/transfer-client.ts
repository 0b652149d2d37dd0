import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { EkoError, isEkoError, parseStreamId } from '@eko/protocol';
import { parseStrictJson } from '@eko/protocol/encoding';
import {
  RAW_OPERATIONS,
  SentDocument,
  TRANSFER_HEADERS,
  TransferTotals,
  parseAnswer,
  pathOf,
} from '@eko/protocol/rest';
import { boundedText, problemOf, type PartyAccess } from './party-access';
import type { PartyApi } from './party-api';
import { PartyWatch, WATCH_TIMES, type WatchTimes } from './party-watch';

const ANSWER_BYTES = 64 * 1024;

/** What a transfer needs beside its bytes. */
export interface TransferOptions {
  /** How long to wait for the other side. */
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
  /** Called when the other side is there. */
  readonly onOpen: () => void;
}

/** A transfer that is being received. */
export interface IncomingTransfer {
  /** Ends only where all has come; breaks with the party's reason where it has not. */
  readonly body: IncomingMessage;
  /** What went through, once the body has ended. */
  totals(): TransferTotals;
  /** Why the body broke. */
  reason(error: unknown): Promise<EkoError>;
  /**
   * Says what has been received and kept; only then the other side is told.
   *
   * @returns why it could not be told any more, which takes nothing away from what is here
   */
  confirm(totals: TransferTotals): Promise<EkoError | undefined>;
  close(): void;
}

/** Moves bytes through a party over HTTP: the party does TLS and keys, and says what became of them. */
export class TransferClient {
  readonly #access: PartyAccess;
  readonly #api: PartyApi;
  readonly #times: WatchTimes;

  constructor(access: PartyAccess, api: PartyApi, times: WatchTimes = WATCH_TIMES) {
    this.#access = access;
    this.#api = api;
    this.#times = times;
  }

  /**
   * Sends a body.
   *
   * @param send - writes the whole body into the request and ends it; what it throws breaks the transfer
   * @returns what the other side has confirmed
   * @throws EkoError the party's reason, `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED` where it does not answer any more,
   *   `CANCELLED`; what `send` throws
   */
  async send(
    streamId: string,
    send: (target: ClientRequest) => Promise<void>,
    options: TransferOptions,
  ): Promise<TransferTotals> {
    const transferId = randomUUID();
    const { request, close } = this.#open('sendData', streamId, transferId, options, {
      'content-type': 'application/octet-stream',
      'transfer-encoding': 'chunked',
      expect: '100-continue',
    });
    using watch = this.#watch(streamId, transferId, request, options, (reason) => request.destroy(reason));
    const answered = answerOf(request);
    // Looked at below, whichever way the body ends.
    answered.catch(() => undefined);
    request.flushHeaders();
    try {
      const early = await Promise.race([answered, once(request, 'continue').then(() => undefined)]);
      if (early !== undefined) return await sentTotals(early);
      watch.open();
      options.onOpen();
      // An answer before the end of the body is a refusal: nothing more is to be sent then.
      await Promise.race([send(request), answered]);
      return await sentTotals(await answered);
    } catch (error) {
      throw watch.reason ?? (await this.#reason(streamId, transferId, error, options));
    } finally {
      close();
    }
  }

  /**
   * Receives a body; the caller reads it, keeps it and confirms.
   *
   * @throws EkoError the party's reason, `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED` where it does not answer any more,
   *   `CANCELLED`
   */
  async receive(streamId: string, options: TransferOptions): Promise<IncomingTransfer> {
    const transferId = randomUUID();
    const { request, close } = this.#open('receiveData', streamId, transferId, options, {});
    let body: IncomingMessage | undefined;
    const watch = this.#watch(streamId, transferId, request, options, (reason) => {
      (body ?? request).destroy(reason);
    });
    const stop = (): void => {
      watch[Symbol.dispose]();
      close();
    };
    const reasonOf = async (error: unknown): Promise<EkoError> =>
      watch.reason ?? this.#reason(streamId, transferId, error, options);
    request.end();
    try {
      const answer = await answerOf(request);
      body = answer;
      if (answer.statusCode !== 200)
        throw problemOf(answer.statusCode ?? 0, await boundedText(answer, ANSWER_BYTES));
      watch.open();
      options.onOpen();
      return {
        body: answer,
        totals: () => receivedTotals(answer),
        reason: reasonOf,
        confirm: (totals) => this.#confirm(streamId, transferId, totals),
        close: stop,
      };
    } catch (error) {
      stop();
      throw await reasonOf(error);
    }
  }

  async #confirm(
    streamId: string,
    transferId: string,
    totals: TransferTotals,
  ): Promise<EkoError | undefined> {
    try {
      await this.#api.confirmTransfer(streamId, transferId, totals);
      return undefined;
    } catch (error) {
      if (isEkoError(error) && ['conflict', 'unavailable'].includes(error.blame)) return error;
      throw error;
    }
  }

  #open(
    operation: 'sendData' | 'receiveData',
    streamId: string,
    transferId: string,
    { waitSeconds, signal }: TransferOptions,
    headers: Readonly<Record<string, string>>,
  ): { readonly request: ClientRequest; readonly close: () => void } {
    const path = `${pathOf(RAW_OPERATIONS[operation].path, parseStreamId(streamId))}?wait=${waitSeconds}`;
    const url = new URL(path, this.#access.address);
    const isPlain = url.protocol === 'http:';
    // A connection of its own that stays open behind the body: the party takes its close for the end of this program.
    const agent = isPlain ? new Agent({ keepAlive: true }) : new TlsAgent({ keepAlive: true });
    const request = (isPlain ? plainRequest : tlsRequest)(url, {
      method: RAW_OPERATIONS[operation].method,
      signal,
      agent,
      headers: {
        ...headers,
        authorization: `Bearer ${this.#access.token}`,
        [TRANSFER_HEADERS.id]: transferId,
      },
    });
    request.on('error', () => undefined);
    const close = (): void => {
      request.destroy();
      agent.destroy();
    };
    return { request, close };
  }

  #watch(
    streamId: string,
    transferId: string,
    request: ClientRequest,
    { waitSeconds }: TransferOptions,
    onBroken: (reason: EkoError) => void,
  ): PartyWatch {
    return new PartyWatch({
      access: this.#access,
      times: this.#times,
      waitMs: waitSeconds * 1_000,
      moved: () => (request.socket?.bytesRead ?? 0) + (request.socket?.bytesWritten ?? 0),
      ask: (deadlineMs) => this.#api.transfer(streamId, transferId, deadlineMs),
      onBroken,
    });
  }

  /** Why a transfer broke: the party's word for it, or that it cannot be asked. */
  async #reason(
    streamId: string,
    transferId: string,
    error: unknown,
    { signal }: TransferOptions,
  ): Promise<EkoError> {
    if (signal.aborted) return cancelled();
    if (isEkoError(error)) return error;
    try {
      const { failure } = await this.#api.transfer(streamId, transferId, this.#times.answerMs);
      if (failure !== undefined) return problemOf(0, JSON.stringify(failure));
    } catch (refusal) {
      if (isEkoError(refusal) && refusal.code !== 'NOT_FOUND') return refusal;
    }
    const text = 'The connection to the party broke before all had gone through';
    return new EkoError('PEER_UNAVAILABLE', text, { cause: error });
  }
}

const cancelled = (): EkoError => new EkoError('CANCELLED', 'Stopped before all had gone through');

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
}

async function sentTotals(answer: IncomingMessage): Promise<TransferTotals> {
  const text = await boundedText(answer, ANSWER_BYTES);
  if (answer.statusCode !== 200) throw problemOf(answer.statusCode ?? 0, text);
  const value = parseStrictJson(text, { maxBytes: ANSWER_BYTES, maxDepth: 4 });
  return parseAnswer(SentDocument, value, 'Answer to the transfer');
}

/** The party's trailers; a body without them has not come to its end. */
function receivedTotals({ trailers }: IncomingMessage): TransferTotals {
  const totals = {
    bytes: Number(trailers[TRANSFER_HEADERS.bytes]),
    sha256: trailers[TRANSFER_HEADERS.sha256],
  };
  return parseAnswer(TransferTotals, totals, 'End of the transfer');
}
