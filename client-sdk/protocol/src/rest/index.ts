/**
 * What nodes and parties say over HTTP: the operations of a party's REST API and what they carry, once for its server,
 * its clients and the OpenAPI document; routes and messages between nodes; problems and frames.
 *
 * @packageDocumentation
 */
export {
  DEFAULT_WAIT_SECONDS,
  JSON_OPERATIONS,
  OPENAPI_PATH,
  RAW_OPERATIONS,
  STREAM_UPGRADE,
  TRANSFER_HEADERS,
  isJsonOperation,
} from './operations';
export type { JsonAnswer, JsonCall, JsonOperationId, JsonStatus } from './operations';
export {
  BundleDocument,
  NewStreams,
  SentDocument,
  StreamDocument,
  StreamFilter,
  StreamPage,
  TransferDocument,
  TransferTotals,
} from './documents';
export { openApiDocument } from './openapi-document';
export { parseAnswer } from './parse-answer';
export { pathOf } from './path-of';

export { decodeMessage, encodeMessage, mediaTypeOf } from './message-body';
export type { MessageBody } from './message-body';
export { PROBLEM_MEDIA_TYPE, decodeProblem, encodeProblem } from './problem';
export type { Problem } from './problem';
export { END_FRAME, END_READ_FRAME, FrameReader, encodeFrameHead } from './data-frames';
export {
  NODE_ROUTES,
  VrfProofRequest,
  DealRequest,
  EnvelopeDelivery,
  EnvelopeAcknowledgement,
  EnvelopeCollection,
  ReleaseRequest,
  ReleaseReceipt,
  ReleaseAnswer,
  AttestationHandover,
  AttestationTaken,
} from './wire';
