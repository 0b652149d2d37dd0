import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BodyRoute } from '@eko/node-kit';
import { EkoError, formatStreamId, isEkoError } from '@eko/protocol';
import { fits } from '@eko/protocol/encoding';
import { BundleId } from '@eko/protocol/ledger';
import { RAW_OPERATIONS, TRANSFER_HEADERS } from '@eko/protocol/rest';
import type { CallLimits, EkoStream } from '@eko/sdk';
import { isDataAddress, parseDataAddress } from './data-address';
import { giveBody, takeBody } from './transfer-bodies';
import type { Transfer, Transfers } from './transfers';

/** What the data route works on. */
export interface DataRouteDeps {
  /** @throws EkoError `NOT_FOUND` */
  readonly stream: (streamId: string) => EkoStream;
  /** Finds the bytes of a stream, waiting for the other side. */
  readonly open: (stream: EkoStream, limits: Required<CallLimits>) => Promise<Duplex>;
  readonly transfers: Transfers;
  /** A transfer in which nothing moves for so long is abandoned. */
  readonly idleMs: number;
}

/** The bytes of a stream as the body of a request, one direction each: `PUT` sends, `GET` receives. */
export function dataRoute(deps: DataRouteDeps): BodyRoute {
  return {
    path: RAW_OPERATIONS.sendData.path,
    matches: ({ method, url = '' }) => (method === 'PUT' || method === 'GET') && isDataAddress(url),
    handle: async (request, response, closing) => {
      const { reference, waitMs } = parseDataAddress(request.url ?? '');
      const stream = deps.stream(formatStreamId(reference));
      const given = transferIdIn(request);
      const direction = request.method === 'PUT' ? 'send' : 'receive';
      const transfer = deps.transfers.begin(reference, direction, given);
      await run({
        deps,
        request,
        response,
        closing,
        stream,
        transfer,
        waitMs,
        isNamed: given !== undefined,
      });
    },
  };
}

/** One transfer from its request to its outcome. */
async function run(options: {
  readonly deps: DataRouteDeps;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly closing: AbortSignal;
  readonly stream: EkoStream;
  readonly transfer: Transfer;
  readonly waitMs: number;
  readonly isNamed: boolean;
}): Promise<void> {
  const { deps, request, response, closing, stream, transfer, waitMs, isNamed } = options;
  const gone = new AbortController();
  const leave = (): void => gone.abort(new EkoError('CANCELLED', 'The program has gone before all was done'));
  request.socket.once('close', leave);
  const stopped = AbortSignal.any([gone.signal, closing]);
  let connection: Duplex | undefined;
  try {
    connection = await deps.open(stream, { deadlineMs: waitMs, signal: stopped });
    // Whoever reads or writes hears of a break; a listener of its own keeps it from ending the process.
    connection.on('error', () => undefined);
    transfer.open();
    using idle = new IdleWatch(deps.idleMs);
    const moved = (): void => idle.moved();
    const work =
      transfer.direction === 'send'
        ? takeBody(request, response, connection, transfer, moved)
        : giveBody(request, response, connection, transfer, isNamed, moved);
    await untilAborted(AbortSignal.any([stopped, idle.signal]), work);
  } catch (error) {
    const seen: unknown = stopped.aborted ? stopped.reason : (connection?.errored ?? error);
    connection?.destroy();
    const reason = asReason(seen, transfer);
    transfer.fail(reason);
    throw reason;
  } finally {
    request.socket.off('close', leave);
  }
}

/** Errors of connections and of waits for one have been held against the ledger's word already. */
function asReason(error: unknown, { direction }: Transfer): EkoError {
  const isCut = isEkoError(error, 'STREAM_CUT');
  if (isEkoError(error) && !(isCut && direction === 'send')) return error;
  // A connection speaks to its reader; who sends is told what is not known of his bytes.
  const what = direction === 'send' ? 'it had confirmed that all has arrived' : 'all had gone through';
  return new EkoError('STREAM_CUT', `The other side broke off before ${what}`, { cause: error });
}

function transferIdIn({ headers }: IncomingMessage): string | undefined {
  const given = headers[TRANSFER_HEADERS.id];
  if (given === undefined || (typeof given === 'string' && fits(BundleId, given))) return given;
  throw new EkoError('INVALID_ARGUMENT', `${TRANSFER_HEADERS.id} must be a UUID in lower case`);
}

/** Aborts when nothing has moved for so long. */
class IdleWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(idleMs: number) {
    this.#timer = setTimeout(() => {
      const text = `Nothing has moved for ${idleMs / 1000} s; a stream that may be silent for longer takes the upgrade`;
      this.#controller.abort(new EkoError('DEADLINE_EXCEEDED', text, { details: { idleMs } }));
    }, idleMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has moved. */
  moved(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** What `work` gives, unless the signal aborts before or has done so: then its reason is thrown. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
