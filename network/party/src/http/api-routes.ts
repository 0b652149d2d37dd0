import { randomUUID } from 'node:crypto';
import { EkoError, formatStreamId } from '@eko/protocol';
import { PARTY_ROUTES } from '@eko/protocol/rest';
import { encodeBase64Url, fits } from '@eko/protocol/encoding';
import { BundleId } from '@eko/protocol/ledger';
import { localRoute, type LocalAnswer, type LocalRoute } from '@eko/node-kit';
import type { EkoClient } from '@eko/sdk';
import type { Transfers } from './transfers/transfers';
import { API_OPERATIONS } from './api-operations';
import { openApiDocument } from './openapi-document';
import { bundleDocument, streamDocument, type BundleDocument, type StreamDocument } from './stream-document';
import { transferDocument } from './transfers/transfer-document';

const DEFAULT_PAGE = 50;

/** The routes of the REST API over one client. */
export function apiRoutes(
  client: EkoClient,
  transfers: Transfers,
  allowedExportLabels: readonly string[],
): readonly LocalRoute[] {
  const operations = API_OPERATIONS;
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
  return [
    localRoute({
      ...operations.requestStreams,
      bodyBytes: 2 * 1024 * 1024,
      handle: async ({ body, headers, signal }) => {
        const bundleId = bundleIdOf(body.bundleId, headers['idempotency-key']) ?? randomUUID();
        const isKnown = client.bundles.get(bundleId) !== undefined;
        await client.requestStreams(body.policy, body.requests, { bundleId, signal });
        return { status: isKnown ? 200 : 201, value: bundle(bundleId) };
      },
    }),
    localRoute({
      ...operations.listStreams,
      handle: ({ query }) => {
        const { state, role, after, limit = DEFAULT_PAGE } = query;
        const matching = [...client.bundles.all()]
          .flatMap((view) => bundleDocument(view, client.nodeId).streams)
          .filter((each) => (state ?? each.state) === each.state && (role ?? each.role) === each.role)
          .sort((a, b) => (a.streamId < b.streamId ? -1 : 1))
          .filter((each) => after === undefined || each.streamId > after);
        const streams = matching.slice(0, limit);
        const last = streams.at(-1);
        return ok({
          streams,
          ...(matching.length > limit && last !== undefined ? { next: last.streamId } : {}),
        });
      },
    }),
    localRoute({
      ...operations.showStream,
      handle: ({ params }) => ok(stream(params.bundleId, params.index)),
    }),
    localRoute({
      ...operations.acceptStreams,
      handle: async ({ params, signal }) => {
        bundle(params.bundleId);
        await client.accept(params.bundleId, { signal });
        return ok(bundle(params.bundleId));
      },
    }),
    localRoute({
      ...operations.declineStreams,
      handle: async ({ params, body, signal }) => {
        bundle(params.bundleId);
        await client.decline(params.bundleId, body.note, { signal });
        return ok(bundle(params.bundleId));
      },
    }),
    localRoute({
      ...operations.completeStream,
      isUrgent: true,
      handle: async ({ params, signal }) => {
        await client.stream(formatStreamId(params)).complete({ signal });
        return ok(stream(params.bundleId, params.index));
      },
    }),
    localRoute({
      ...operations.revokeStream,
      isUrgent: true,
      handle: async ({ params, body, signal }) => {
        await client.stream(formatStreamId(params)).revoke(body.note, { signal });
        return ok(stream(params.bundleId, params.index));
      },
    }),
    localRoute({
      ...operations.showTransfer,
      handle: ({ params }) => ok(transferDocument(transfers.get(params, params.transferId))),
    }),
    localRoute({
      ...operations.confirmTransfer,
      handle: async ({ params, body }) => {
        const transfer = transfers.get(params, params.transferId);
        await transfer.confirm(body);
        return ok(transferDocument(transfer));
      },
    }),
    localRoute({
      ...operations.exportKey,
      handle: async ({ params, body, signal }) => {
        if (!allowedExportLabels.includes(body.label)) {
          throw new EkoError(
            'FORBIDDEN',
            'The configuration allows no export under this label: see exportLabels',
          );
        }
        using key = await client
          .stream(formatStreamId(params))
          .exportKey(body.label, body.lengthBytes, { signal });
        return { status: 200, value: { label: body.label, key: key.use(encodeBase64Url) } };
      },
    }),
    localRoute({
      ...operations.listNodes,
      handle: () => ok({ nodes: [...client.nodes.all()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)) }),
    }),
    {
      method: 'GET',
      path: PARTY_ROUTES.openapi,
      isPublic: true,
      handle: () => ok(openApiDocument()),
    },
  ];
}

function ok(value: unknown): Promise<LocalAnswer> {
  return Promise.resolve({ status: 200, value });
}

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
