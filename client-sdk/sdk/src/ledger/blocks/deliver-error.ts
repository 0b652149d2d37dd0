import { EkoError, type ErrorCode } from '@eko/protocol';
import { gatewayError } from '../gateway-errors';

/** What the gateway client makes of a status that a peer sends instead of a block. */
const STATUS = /^Unexpected status response: (\d+)$/;

/** `common.Status` of a peer's deliver service; any other says that it cannot deliver at present. */
const BY_STATUS: ReadonlyMap<string | undefined, readonly [code: ErrorCode, text: string]> = new Map([
  ['403', ['FORBIDDEN', 'The peer gives this identity no blocks; check MSP ID, certificate and key']],
  [
    '404',
    ['INVALID_CONFIG', "The peer has not joined the channel; check the profile's channel and endpoint"],
  ],
]);

/** The failure of a block subscription as one of ours. */
export function deliverError(error: unknown): EkoError {
  const text = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  const status = STATUS.exec(text)?.[1];
  if (status === undefined) return gatewayError(error, 'events');
  const [code, message] = BY_STATUS.get(status) ?? ['LEDGER_UNAVAILABLE', 'The peer delivers no blocks now'];
  return new EkoError(code, message, { details: { stage: 'events', status }, cause: error });
}
