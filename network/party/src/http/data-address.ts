import { EkoError, LIMITS, type StreamReference } from '@eko/protocol';
import { fits } from '@eko/protocol/encoding';
import { BundleId, StreamIndex } from '@eko/protocol/ledger';
import { DEFAULT_WAIT_SECONDS, RAW_OPERATIONS } from '@eko/protocol/rest';

/** The form of the path of a stream's bytes; whether there can be such a stream is asked behind it. */
const PATH = new RegExp(
  `^${RAW_OPERATIONS.sendData.path
    .replace(':bundleId', '([0-9a-f-]{36})')
    .replace(':index', '(0|[1-9][0-9]{0,2})')}$`,
);
const WAIT = /^wait=(0|[1-9][0-9]{0,5})$/;

/** Whether an address has the form of one of a stream's bytes, whatever its query. */
export const isDataAddress = (url: string): boolean => PATH.test(partsOf(url).path);

/**
 * The stream whose bytes are at a path.
 *
 * @throws EkoError `NOT_FOUND` for another path
 */
export function parseDataPath(path: string): StreamReference {
  const [, bundleId, digits] = PATH.exec(path) ?? [];
  const index = Number(digits);
  if (bundleId === undefined || !fits(BundleId, bundleId) || !fits(StreamIndex, index))
    throw new EkoError('NOT_FOUND', 'There is nothing at this address');
  return { bundleId, index };
}

/**
 * The stream and the wait for the other side that the address of a transfer names.
 *
 * @throws EkoError as `parseDataPath`, `INVALID_ARGUMENT` for another query
 */
export function parseDataAddress(url: string): {
  readonly reference: StreamReference;
  readonly waitMs: number;
} {
  const { path, query } = partsOf(url);
  const reference = parseDataPath(path);
  const seconds = WAIT.exec(query)?.[1];
  const waitSeconds = seconds === undefined ? DEFAULT_WAIT_SECONDS : Number(seconds);
  if ((query !== '' && seconds === undefined) || waitSeconds > LIMITS.transferWaitSeconds) {
    const text = `The query may say wait=SECONDS, at most ${LIMITS.transferWaitSeconds}, and nothing else`;
    throw new EkoError('INVALID_ARGUMENT', text);
  }
  return { reference, waitMs: waitSeconds * 1_000 };
}

function partsOf(url: string): { readonly path: string; readonly query: string } {
  const end = url.indexOf('?');
  return end < 0 ? { path: url, query: '' } : { path: url.slice(0, end), query: url.slice(end + 1) };
}
