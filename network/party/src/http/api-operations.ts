import { PARTY_ROUTES } from '@eko/protocol/rest';
import { type TSchema } from '@eko/protocol/encoding';
import {
  BundlePath,
  Confirmation,
  ExportRequest,
  ExportedKey,
  ListQuery,
  NewStreams,
  NewStreamsHeaders,
  NodeList,
  Nothing,
  StreamPage,
  StreamPath,
  TransferDocument,
  TransferPath,
} from './api-schemas';
import { BundleDocument, Reason, StreamDocument } from './stream-document';

/** One operation of the REST API: what the server checks and what the OpenAPI document says. */
interface ApiOperation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly params: TSchema;
  readonly query: TSchema;
  readonly body: TSchema;
  /** Headers of its own, for the document; the handler checks them. */
  readonly headers?: TSchema;
  /** The answer's schema by status. */
  readonly answers: Readonly<Record<number, TSchema>>;
}

/** Every operation with a JSON answer, once. */
export const API_OPERATIONS = {
  requestStreams: {
    method: 'POST',
    path: PARTY_ROUTES.streams,
    summary:
      'Request one stream or a bundle; the same bundleId with the same content answers the same streams',
    params: Nothing,
    query: Nothing,
    body: NewStreams,
    headers: NewStreamsHeaders,
    answers: { 200: BundleDocument, 201: BundleDocument },
  },
  listStreams: {
    method: 'GET',
    path: PARTY_ROUTES.streams,
    summary: 'List streams of this party',
    params: Nothing,
    query: ListQuery,
    body: Nothing,
    answers: { 200: StreamPage },
  },
  showStream: {
    method: 'GET',
    path: PARTY_ROUTES.stream,
    summary: 'Show one stream',
    params: StreamPath,
    query: Nothing,
    body: Nothing,
    answers: { 200: StreamDocument },
  },
  acceptStreams: {
    method: 'POST',
    path: PARTY_ROUTES.accept,
    summary: 'Consent to a bundle, as its provider',
    params: BundlePath,
    query: Nothing,
    body: Nothing,
    answers: { 200: BundleDocument },
  },
  declineStreams: {
    method: 'POST',
    path: PARTY_ROUTES.decline,
    summary: 'Decline a bundle, as its provider',
    params: BundlePath,
    query: Nothing,
    body: Reason,
    answers: { 200: BundleDocument },
  },
  completeStream: {
    method: 'POST',
    path: PARTY_ROUTES.complete,
    summary: 'End a stream as completed',
    params: StreamPath,
    query: Nothing,
    body: Nothing,
    answers: { 200: StreamDocument },
  },
  revokeStream: {
    method: 'POST',
    path: PARTY_ROUTES.revoke,
    summary: 'Revoke a stream: honest nodes destroy what they have of its key, and its connections are cut',
    params: StreamPath,
    query: Nothing,
    body: Reason,
    answers: { 200: StreamDocument },
  },
  showTransfer: {
    method: 'GET',
    path: PARTY_ROUTES.transfer,
    summary:
      'Show what became of a transfer, by the name that its program gave it in the header eko-transfer',
    params: TransferPath,
    query: Nothing,
    body: Nothing,
    answers: { 200: TransferDocument },
  },
  confirmTransfer: {
    method: 'POST',
    path: PARTY_ROUTES.confirm,
    summary: 'Confirm that all of a transfer has been received and kept; only then the other side is told',
    params: TransferPath,
    query: Nothing,
    body: Confirmation,
    answers: { 200: TransferDocument },
  },
  exportKey: {
    method: 'POST',
    path: PARTY_ROUTES.exports,
    summary: 'Derive a key for the application, where the configuration allows its label',
    params: StreamPath,
    query: Nothing,
    body: ExportRequest,
    answers: { 200: ExportedKey },
  },
  listNodes: {
    method: 'GET',
    path: PARTY_ROUTES.nodes,
    summary: 'List the registered nodes',
    params: Nothing,
    query: Nothing,
    body: Nothing,
    answers: { 200: NodeList },
  },
} as const satisfies Readonly<Record<string, ApiOperation>>;
