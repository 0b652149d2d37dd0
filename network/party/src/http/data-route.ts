import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BodyRoute } from '@eko/node-kit';
import { EkoError, LIMITS, formatStreamId, isEkoError, type StreamReference } from '@eko/protocol';
import { BundleId, StreamIndex } from '@eko/protocol/ledger';
import { PARTY_ROUTES, TRANSFER_HEADERS } from '@eko/protocol/rest';
import { fits } from '@eko/protocol/encoding';
import type { CallLimits, EkoStream } from '@eko/sdk';
import type { Transfers } from './transfers/transfers';
import { IdleWatch } from './transfers/idle-watch';
import type { Transfer } from './transfers/transfer';
import { untilAborted } from './transfers/until-aborted';
import { giveBody } from './transfers/give-body';
import { takeBody } from './transfers/take-body';

/** What the data route works on. */
export interface DataRoutePorts {
  /** @throws EkoError `NOT_FOUND` */
  readonly stream: (streamId: string) => EkoStream;
  /** Finds the bytes of a stream, waiting for the other side. */
  readonly open: (stream: EkoStream, limits: Required<CallLimits>) => Promise<Duplex>;
  readonly transfers: Transfers;
  /** A transfer in which nothing moves for so long is given up. */
  readonly idleMs: number;
}

const PATH = /^\/v1\/streams\/([0-9a-f-]{36})\/(0|[1-9][0-9]{0,2})\/data(?:\?(.*))?$/;
const DEFAULT_WAIT_SECONDS = 120;

/** The bytes of a stream as the body of a request, one direction each: `PUT` sends, `GET` receives. */
export function dataRoute(ports: DataRoutePorts): BodyRoute {
  return {
    path: PARTY_ROUTES.data,
    matches: ({ method, url = '' }) => (method === 'PUT' || method === 'GET') && PATH.test(url),
    handle: async (request, response, closing) => {
      const { reference, waitMs } = dataAddress(request.url);
      const stream = ports.stream(formatStreamId(reference));
      const given = transferIdIn(request);
      const direction = request.method === 'PUT' ? 'send' : 'receive';
      const transfer = ports.transfers.begin(reference, direction, given);
      await run({
        ports,
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
  readonly ports: DataRoutePorts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly closing: AbortSignal;
  readonly stream: EkoStream;
  readonly transfer: Transfer;
  readonly waitMs: number;
  readonly isNamed: boolean;
}): Promise<void> {
  const { ports, request, response, closing, stream, transfer, waitMs, isNamed } = options;
  const gone = new AbortController();
  const leave = (): void => gone.abort(new EkoError('CANCELLED', 'The program has gone before all was done'));
  request.socket.once('close', leave);
  const stopped = AbortSignal.any([gone.signal, closing]);
  let connection: Duplex | undefined;
  try {
    connection = await ports.open(stream, { deadlineMs: waitMs, signal: stopped });
    // Whoever reads or writes hears of a break; a listener of its own keeps it from ending the process.
    connection.on('error', () => undefined);
    transfer.open();
    using idle = new IdleWatch(ports.idleMs);
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

/**
 * The stream and the wait that the address of its data names.
 *
 * @throws EkoError `NOT_FOUND` for another address, `INVALID_ARGUMENT`
 */
function dataAddress(url = ''): { readonly reference: StreamReference; readonly waitMs: number } {
  const [, bundleId, digits, query = ''] = PATH.exec(url) ?? [];
  const index = Number(digits);
  if (bundleId === undefined || !fits(BundleId, bundleId) || !fits(StreamIndex, index))
    throw new EkoError('NOT_FOUND', 'There is nothing at this address');
  const [, seconds] = /^wait=(0|[1-9][0-9]{0,5})$/.exec(query) ?? [];
  const waitSeconds = seconds === undefined ? DEFAULT_WAIT_SECONDS : Number(seconds);
  if ((query !== '' && seconds === undefined) || waitSeconds > LIMITS.transferWaitSeconds) {
    const text = `The query may say wait=SECONDS, at most ${LIMITS.transferWaitSeconds}, and nothing else`;
    throw new EkoError('INVALID_ARGUMENT', text);
  }
  return { reference: { bundleId, index }, waitMs: waitSeconds * 1_000 };
}

function transferIdIn({ headers }: IncomingMessage): string | undefined {
  const given = headers[TRANSFER_HEADERS.id];
  if (given === undefined || (typeof given === 'string' && fits(BundleId, given))) return given;
  throw new EkoError('INVALID_ARGUMENT', `${TRANSFER_HEADERS.id} must be a UUID in lower case`);
}
