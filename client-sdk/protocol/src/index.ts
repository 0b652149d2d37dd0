/**
 * What everything else of EKO says too: errors, secrets, and the words of a stream.
 *
 * @packageDocumentation
 */
export { ERROR_CODES, EkoError, isEkoError, isErrorCode } from './errors';
export type { Blame, ErrorCode, ErrorDetails } from './errors';
export { SecretBytes } from './secret/secret-bytes';
export { PROTOCOL_VERSION } from './crypto/key-labels';
export { APPLICATION_PERMISSION_PREFIX, PERMISSIONS } from './ledger/schemas/scalars';
export { LIMITS } from './limits';
export { formatStreamId, parseStreamId } from './ledger/stream-id';
export type { StreamReference } from './ledger/stream-id';
export { Offer } from './ledger/schemas/offers';
export {
  WitnessPolicy,
  StreamPolicy,
  StreamRequest,
  RequestStreams,
  EndReason,
  StreamEnd,
} from './ledger/schemas/streams';
export type { StreamState } from './ledger/schemas/streams';
export { OFFER_DEFAULTS, POLICY_DEFAULTS } from './ledger/policy-defaults';
