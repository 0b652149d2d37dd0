import { randomUUID } from 'node:crypto';
import { localRoute, type LocalCall, type LocalRoute } from '@eko/node-kit';
import { EkoError, LIMITS, formatStreamId } from '@eko/protocol';
import { encodeBase64Url, fits } from '@eko/protocol/encoding';
import { BundleId, streamEndOf, streamStateOf, type BundleView } from '@eko/protocol/ledger';
import {
  encodeProblem,
  JSON_OPERATIONS,
  OPENAPI_PATH,
  isJsonOperation,
  openApiDocument,
  type BundleDocument,
  type JsonAnswer,
  type JsonCall,
  type JsonOperationId,
  type JsonStatus,
  type StreamDocument,
  type TransferDocument,
} from '@eko/protocol/rest';
import type { EkoClient } from '@eko/sdk';
import type { Transfer, Transfers } from './transfers';

/** What the routes of the REST API work on. */
export interface ApiDeps {
  readonly client: EkoClient;
  readonly transfers: Transfers;
  /** Labels under which applications may have keys. */
  readonly exportLabels: readonly string[];
}

type Call<Id extends JsonOperationId> = JsonCall<Id> & Pick<LocalCall<unknown, unknown, unknown>, 'signal'>;

interface Answer<Id extends JsonOperationId> {
  readonly status: JsonStatus<Id>;
  readonly value: JsonAnswer<Id>;
}

/** A handler for every operation of the table: one that is missing is an error of the compiler. */
type Handlers = {
  readonly [Id in JsonOperationId]: (call: Call<Id>) => Answer<Id> | Promise<Answer<Id>>;
};

/** Where an operation has a limit of its own. */
const LIMITS_OF: Readonly<Partial<Record<JsonOperationId, Pick<LocalRoute, 'bodyBytes' | 'isUrgent'>>>> = {
  requestStreams: { bodyBytes: 2 * 1024 * 1024 },
  completeStream: { isUrgent: true },
  revokeStream: { isUrgent: true },
};

const DEFAULT_PAGE = 50;

/** The routes of the REST API with JSON answers, and that of the document which describes them all. */
export function apiRoutes(deps: ApiDeps): readonly LocalRoute[] {
  const handlers = apiHandlers(deps);
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- binds a row to its handler
  const routeOf = <Id extends JsonOperationId>(id: Id): LocalRoute =>
    localRoute({ ...JSON_OPERATIONS[id], ...LIMITS_OF[id], handle: async (call) => handlers[id](call) });
  return [
    ...Object.keys(JSON_OPERATIONS).filter(isJsonOperation).map(routeOf),
    {
      method: 'GET',
      path: OPENAPI_PATH,
      isPublic: true,
      handle: () => Promise.resolve(ok(openApiDocument())),
    },
  ];
}

function apiHandlers({ client, transfers, exportLabels }: ApiDeps): Handlers {
  const bundle = (bundleId: string): BundleDocument => {
    const view = client.bundles.get(bundleId);
    if (view === undefined) throw unknownStream(bundleId);
    return bundleDocument(view, client.nodeId);
  };
  const stream = (bundleId: string, index: number): StreamDocument => {
    const view = client.bundles.get(bundleId);
    const document = view === undefined ? undefined : streamDocument(view, index, client.nodeId);
    if (document === undefined) throw unknownStream(formatStreamId({ bundleId, index }));
    return document;
  };
  return {
    requestStreams: async ({ body, headers, signal }) => {
      const bundleId = bundleIdOf(body.bundleId, headers['idempotency-key']) ?? randomUUID();
      const isKnown = client.bundles.get(bundleId) !== undefined;
      await client.requestStreams(body.policy, body.requests, { bundleId, signal });
      return { status: isKnown ? 200 : 201, value: bundle(bundleId) };
    },
    listStreams: ({ query: { state, role, after, limit = DEFAULT_PAGE } }) => {
      const streams: StreamDocument[] = [];
      for (const { view, index } of streamsAfter(client.bundles, after)) {
        if (role !== undefined && role !== roleIn(view, client.nodeId)) continue;
        if (state !== undefined && state !== streamStateOf(view, index)) continue;
        const last = streams.at(-1);
        if (streams.length === limit && last !== undefined) return ok({ streams, next: last.streamId });
        const document = streamDocument(view, index, client.nodeId);
        if (document !== undefined) streams.push(document);
      }
      return ok({ streams });
    },
    showStream: ({ params }) => ok(stream(params.bundleId, params.index)),
    acceptStreams: async ({ params, signal }) => {
      bundle(params.bundleId);
      await client.accept(params.bundleId, { signal });
      return ok(bundle(params.bundleId));
    },
    declineStreams: async ({ params, body, signal }) => {
      bundle(params.bundleId);
      await client.decline(params.bundleId, body.note, { signal });
      return ok(bundle(params.bundleId));
    },
    completeStream: async ({ params, signal }) => {
      await client.stream(formatStreamId(params)).complete({ signal });
      return ok(stream(params.bundleId, params.index));
    },
    revokeStream: async ({ params, body, signal }) => {
      await client.stream(formatStreamId(params)).revoke(body.note, { signal });
      return ok(stream(params.bundleId, params.index));
    },
    showTransfer: ({ params }) => ok(transferDocument(transfers.get(params, params.transferId))),
    confirmTransfer: async ({ params, body }) => {
      const transfer = transfers.get(params, params.transferId);
      await transfer.confirm(body);
      return ok(transferDocument(transfer));
    },
    exportKey: async ({ params, body, signal }) => {
      if (!exportLabels.includes(body.label)) {
        throw new EkoError(
          'FORBIDDEN',
          'The configuration allows no export under this label: see exportLabels',
        );
      }
      using key = await client
        .stream(formatStreamId(params))
        .exportKey(body.label, body.lengthBytes, { signal });
      return ok({ label: body.label, key: key.use(encodeBase64Url) });
    },
    listNodes: () => ok({ nodes: [...client.nodes.all()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)) }),
  };
}

const ok = <Value>(value: Value): { readonly status: 200; readonly value: Value } => ({ status: 200, value });

/** A client may name its bundle in either place, or in both the same. */
function bundleIdOf(inBody: string | undefined, header: string | undefined): string | undefined {
  if (header === undefined) return inBody;
  if (!fits(BundleId, header))
    throw new EkoError('INVALID_ARGUMENT', 'idempotency-key must be a UUID in lower case');
  if (inBody !== undefined && inBody !== header)
    throw new EkoError('INVALID_ARGUMENT', 'idempotency-key and bundleId name different bundles');
  return header;
}

function unknownStream(id: string): EkoError {
  return new EkoError('NOT_FOUND', `${id} is not known here`, { details: { id } });
}

/** The places of streams in a bundle, in the order of their IDs, which are texts: 0, 1, 10, 100. */
const PLACES = Array.from({ length: LIMITS.requestsPerBundle }, (_, index) => String(index)).sort();

/** The streams of a party behind the one of that ID, in order of their IDs; each is looked at when its turn comes. */
function* streamsAfter(
  bundles: Pick<EkoClient['bundles'], 'inOrder'>,
  after = '',
): IterableIterator<{ readonly view: BundleView; readonly index: number }> {
  const [bundleId, place = ''] = after.split('/');
  for (const view of bundles.inOrder(bundleId)) {
    const isBegun = view.bundle.bundleId === bundleId;
    for (const each of PLACES) {
      const index = Number(each);
      if (index < view.bundle.requests.length && (!isBegun || each > place)) yield { view, index };
    }
  }
}

function roleIn({ bundle }: BundleView, nodeId: string): StreamDocument['role'] {
  return bundle.initiator === nodeId ? 'initiator' : 'provider';
}

/** One stream of a bundle, for the party `nodeId`. */
function streamDocument(view: BundleView, index: number, nodeId: string): StreamDocument | undefined {
  const { bundle, dealings } = view;
  const request = bundle.requests[index];
  if (request === undefined) return undefined;
  const record = dealings.at(-1);
  const end = streamEndOf(view, index);
  return {
    streamId: formatStreamId({ bundleId: bundle.bundleId, index }),
    bundleId: bundle.bundleId,
    index,
    role: roleIn(view, nodeId),
    state: streamStateOf(view, index),
    initiator: bundle.initiator,
    provider: bundle.policy.provider,
    request,
    requestTxId: bundle.requestTxId,
    ...(record === undefined ? {} : { activeTxId: record.txId, witnesses: [...record.selection.witnesses] }),
    ...(end === undefined ? {} : { end }),
    requestedAt: isoTime(bundle.requestedAtUnixMs),
    notAfter: isoTime(bundle.notAfterUnixMs),
  };
}

/** A bundle with all its streams. */
function bundleDocument(view: BundleView, nodeId: string): BundleDocument {
  const { bundleId, policy, requests } = view.bundle;
  return {
    bundleId,
    policy,
    streams: requests.flatMap((_, index) => streamDocument(view, index, nodeId) ?? []),
  };
}

/** RFC 3339 in UTC. */
function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** A transfer as the REST API shows it. */
function transferDocument(transfer: Transfer): TransferDocument {
  const { transferId, stream, direction, state, bytes, sha256, failure } = transfer;
  return {
    transferId,
    streamId: formatStreamId(stream),
    direction,
    state,
    bytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(failure === undefined ? {} : { failure: encodeProblem(failure) }),
  };
}
