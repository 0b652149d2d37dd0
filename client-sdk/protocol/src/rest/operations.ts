import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { LIMITS } from '../limits';
import { BundleId, strictObject } from '../ledger/schemas/scalars';
import {
  BundleDocument,
  BundlePath,
  ExportRequest,
  ExportedKey,
  FeedHeaders,
  NewStreams,
  NewStreamsHeaders,
  NodeList,
  Nothing,
  Reason,
  SentDocument,
  StreamDocument,
  StreamFilter,
  StreamPage,
  StreamPath,
  TransferDocument,
  TransferPath,
  TransferTotals,
} from './documents';

/** Where a party serves the OpenAPI document of its API. */
export const OPENAPI_PATH = '/openapi.json';

/** Protocol name of the HTTP upgrade that turns a request for `data` into the raw bytes of a stream. */
export const STREAM_UPGRADE = 'eko-stream';

/** Headers of a transfer over HTTP; the last two are trailers of what is received. */
export const TRANSFER_HEADERS = {
  /** A UUID that the program chose for its transfer: it asks by it what became of it, and confirms by it. */
  id: 'eko-transfer',
  bytes: 'eko-bytes',
  /** Hex. */
  sha256: 'eko-sha256',
} as const;

/** How long a transfer waits for the other side where its request does not say. */
export const DEFAULT_WAIT_SECONDS = 120;

/** What every operation says of itself; `:name` in a path marks a parameter. */
interface RestOperation {
  readonly path: string;
  readonly summary: string;
  readonly params: TSchema;
  readonly query: TSchema;
  /** Headers of its own. */
  readonly headers: TSchema;
}

/** An operation that takes JSON, or nothing, and answers JSON. */
interface JsonOperation extends RestOperation {
  readonly method: 'GET' | 'POST';
  readonly body: TSchema;
  readonly answer: TSchema;
  /** With which it comes; every other one carries a problem document. */
  readonly statuses: readonly number[];
}

/** What each media type carries. */
type Content = Readonly<Record<string, { readonly schema: object }>>;

/** An operation whose request or answer has no end that could be known before. */
interface RawOperation extends RestOperation {
  readonly method: 'GET' | 'PUT';
  readonly description?: string;
  readonly body?: Content;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content?: Content }>>;
  /** What its problem documents are about. */
  readonly refusal: string;
}

/**
 * Every operation with a JSON answer, once: a party registers its routes from it, a client makes its calls from it, and
 * the OpenAPI document is made from it.
 */
export const JSON_OPERATIONS = {
  requestStreams: {
    method: 'POST',
    path: '/v1/streams',
    summary:
      'Request one stream or a bundle; the same bundleId with the same content answers the same streams',
    params: Nothing,
    query: Nothing,
    headers: NewStreamsHeaders,
    body: NewStreams,
    answer: BundleDocument,
    statuses: [200, 201],
  },
  listStreams: {
    method: 'GET',
    path: '/v1/streams',
    summary: 'List streams of this party',
    params: Nothing,
    query: StreamFilter,
    headers: Nothing,
    body: Nothing,
    answer: StreamPage,
    statuses: [200],
  },
  showStream: {
    method: 'GET',
    path: '/v1/streams/:bundleId/:index',
    summary: 'Show one stream',
    params: StreamPath,
    query: Nothing,
    headers: Nothing,
    body: Nothing,
    answer: StreamDocument,
    statuses: [200],
  },
  acceptStreams: {
    method: 'POST',
    path: '/v1/streams/:bundleId/accept',
    summary: 'Consent to a bundle, as its provider',
    params: BundlePath,
    query: Nothing,
    headers: Nothing,
    body: Nothing,
    answer: BundleDocument,
    statuses: [200],
  },
  declineStreams: {
    method: 'POST',
    path: '/v1/streams/:bundleId/decline',
    summary: 'Decline a bundle, as its provider',
    params: BundlePath,
    query: Nothing,
    headers: Nothing,
    body: Reason,
    answer: BundleDocument,
    statuses: [200],
  },
  completeStream: {
    method: 'POST',
    path: '/v1/streams/:bundleId/:index/complete',
    summary: 'End a stream as completed',
    params: StreamPath,
    query: Nothing,
    headers: Nothing,
    body: Nothing,
    answer: StreamDocument,
    statuses: [200],
  },
  revokeStream: {
    method: 'POST',
    path: '/v1/streams/:bundleId/:index/revoke',
    summary: 'Revoke a stream: honest nodes destroy what they have of its key, and its connections are cut',
    params: StreamPath,
    query: Nothing,
    headers: Nothing,
    body: Reason,
    answer: StreamDocument,
    statuses: [200],
  },
  showTransfer: {
    method: 'GET',
    path: '/v1/streams/:bundleId/:index/transfers/:transferId',
    summary:
      'Show what became of a transfer, by the name that its program gave it in the header eko-transfer',
    params: TransferPath,
    query: Nothing,
    headers: Nothing,
    body: Nothing,
    answer: TransferDocument,
    statuses: [200],
  },
  confirmTransfer: {
    method: 'POST',
    path: '/v1/streams/:bundleId/:index/transfers/:transferId/confirm',
    summary: 'Confirm that all of a transfer has been received and kept; only then the other side is told',
    params: TransferPath,
    query: Nothing,
    headers: Nothing,
    body: TransferTotals,
    answer: TransferDocument,
    statuses: [200],
  },
  exportKey: {
    method: 'POST',
    path: '/v1/streams/:bundleId/:index/exports',
    summary: 'Derive a key for the application, where the configuration allows its label',
    params: StreamPath,
    query: Nothing,
    headers: Nothing,
    body: ExportRequest,
    answer: ExportedKey,
    statuses: [200],
  },
  listNodes: {
    method: 'GET',
    path: '/v1/nodes',
    summary: 'List the registered nodes',
    params: Nothing,
    query: Nothing,
    headers: Nothing,
    body: Nothing,
    answer: NodeList,
    statuses: [200],
  },
} as const satisfies Readonly<Record<string, JsonOperation>>;

const BYTES = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
const EVENTS = { 'text/event-stream': { schema: { type: 'string' } } };

const dataParts = {
  path: '/v1/streams/:bundleId/:index/data',
  params: StreamPath,
  query: strictObject({
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LIMITS.transferWaitSeconds,
        description: `Seconds to wait for the other side of the stream; ${DEFAULT_WAIT_SECONDS} if it is not said`,
      }),
    ),
  }),
  headers: strictObject({ [TRANSFER_HEADERS.id]: Type.Optional(BundleId) }),
} as const;

/** Every other operation: the feed of events, and the bytes of a stream, both directions as bodies and the upgrade. */
export const RAW_OPERATIONS = {
  followEvents: {
    method: 'GET',
    path: '/v1/events',
    summary: 'Follow the ledger events of this channel, heartbeats left out; last-event-id resumes',
    params: Nothing,
    query: Nothing,
    headers: FeedHeaders,
    answers: { 200: { description: 'Server-sent events', content: EVENTS } },
    refusal: 'Refused',
  },
  receiveData: {
    method: 'GET',
    ...dataParts,
    summary: 'Receive everything that the other side sends',
    description:
      `The body is chunked, and only its last chunk says that it is whole; its trailers are ${TRANSFER_HEADERS.bytes} ` +
      `and ${TRANSFER_HEADERS.sha256}. A client that names its transfer in the header ${TRANSFER_HEADERS.id} confirms ` +
      'what it has kept by confirmTransfer, while this connection stays open, and only then the other side is told; ' +
      'without a name the other side is told when the last chunk has left this party, which says less. With ' +
      `\`connection: Upgrade\` and \`upgrade: ${STREAM_UPGRADE}\` the connection carries both directions instead.`,
    answers: {
      101: { description: 'Both directions, as frames' },
      200: { description: 'The bytes', content: BYTES },
    },
    refusal: 'Refused or failed; `code` says why',
  },
  sendData: {
    method: 'PUT',
    ...dataParts,
    summary: 'Send everything that the other side is to receive',
    description:
      'Answers when the other side has confirmed that it has all of it. A body that breaks off is a cut there too. ' +
      'With `expect: 100-continue` the body is asked for as soon as the other side is there.',
    body: BYTES,
    answers: {
      200: { description: 'All has arrived', content: { 'application/json': { schema: SentDocument } } },
    },
    refusal: 'Refused or failed; `code` says why',
  },
} as const satisfies Readonly<Record<string, RawOperation>>;

/** The name of an operation with a JSON answer. */
export type JsonOperationId = keyof typeof JSON_OPERATIONS;

type Row<Id extends JsonOperationId> = (typeof JSON_OPERATIONS)[Id];

/** What the server of an operation gets, checked. */
export interface JsonCall<Id extends JsonOperationId> {
  readonly params: Static<Row<Id>['params']>;
  readonly query: Static<Row<Id>['query']>;
  readonly body: Static<Row<Id>['body']>;
  /** Those of its own, as texts that it has still to check. */
  readonly headers: { readonly [Name in keyof Static<Row<Id>['headers']>]?: string };
}

/** What an operation answers. */
export type JsonAnswer<Id extends JsonOperationId> = Static<Row<Id>['answer']>;

/** With which statuses it answers. */
export type JsonStatus<Id extends JsonOperationId> = Row<Id>['statuses'][number];

/** Whether there is an operation of this name with a JSON answer. */
export const isJsonOperation = (id: string): id is JsonOperationId => Object.hasOwn(JSON_OPERATIONS, id);
