/**
 * What nodes and parties say over HTTP: routes, messages, problems and frames.
 *
 * @packageDocumentation
 */
export { PROBLEM_MEDIA_TYPE, decodeProblem, encodeProblem } from './problem';
export type { Problem } from './problem';
export { END_FRAME, END_READ_FRAME, FrameReader, encodeFrameHead } from './data-frames';
export { NODE_ROUTES, PARTY_ROUTES, STREAM_UPGRADE, TRANSFER_HEADERS } from '../names';
export {
  VrfProofRequest,
  DealRequest,
  EnvelopeDelivery,
  EnvelopeAcknowledgement,
  EnvelopeCollection,
  ReleaseRequest,
  ReleaseReceipt,
  ReleaseAnswer,
} from './wire';
