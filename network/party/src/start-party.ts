import type { Duplex } from 'node:stream';
import { EkoError, PARTY_ROUTES, ShortText, Type, strictObject, type Static } from '@eko/protocol';
import {
  BearerTokens,
  Gauge,
  NODE_SETTINGS,
  Registry,
  createLocalServer,
  openNodeFoundation,
  startOperationsServer,
  type RunningNode,
} from '@eko/node-kit';
import { EkoClient, type EkoStream } from '@eko/sdk';
import { EventHistory } from './adapters/event-history';
import { IncomingStreams } from './adapters/incoming-streams';
import { apiRoutes } from './http/api-routes';
import { upgradeToStream } from './http/stream-upgrade';

/**
 * The settings of a party: those of every node (`host` and `port` are its REST API's), and:
 *
 * | setting | meaning |
 * | --- | --- |
 * | `tokenFile` | tokens of the REST API, one a line, mode 0600 |
 * | `allowRemote` | lets the REST API listen elsewhere than on loopback |
 * | `streamHost`, `streamPort` | where a provider listens for secure streams |
 * | `exportLabels` | labels under which applications may have keys |
 */
export const PartySettings = strictObject({
  ...NODE_SETTINGS,
  tokenFile: Type.String({ minLength: 1 }),
  allowRemote: Type.Boolean({ default: false }),
  streamHost: Type.String({ default: '127.0.0.1' }),
  streamPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  exportLabels: Type.Array(ShortText, { default: [] }),
});
export type PartySettings = Static<typeof PartySettings>;

const FEED_READERS = 32;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** A party that has not seen the ledger advance for so long says that it is not ready. */
const VIEW_BOUND_MS = 10_000;

/**
 * Starts a party: the SDK's client behind a REST API, and a provider's stream listener.
 *
 * @throws EkoError as `openNodeFoundation` and `EkoClient.connect`; `INVALID_CONFIG`
 */
export async function startParty(settings: PartySettings): Promise<RunningNode> {
  if (!settings.allowRemote && !LOOPBACK.has(settings.host)) {
    throw new EkoError(
      'INVALID_CONFIG',
      `The REST API listens on loopback, not on ${settings.host}, unless allowRemote is true`,
      {
        details: { setting: 'host' },
      },
    );
  }
  const tokens = BearerTokens.read(settings.tokenFile);
  const base = await openNodeFoundation(settings, 'party');
  const { nodeId, ledger, logger, kem, sign } = base;
  const client = await EkoClient.connect({
    ledger,
    keys: { nodeId, kem, sign },
    peers: base.client,
    observer: {
      onTrouble: (error) => {
        logger.warn('trouble', { error });
      },
    },
  });
  const history = new EventHistory();
  const stopHistory = client.onEvent((event) => {
    history.add(event);
  });

  const incoming = new IncomingStreams();
  const listener =
    settings.streamPort === undefined
      ? undefined
      : await client.listen((connection, stream) => incoming.arrived(stream.id, connection), {
          host: settings.streamHost,
          port: settings.streamPort,
        });
  const source = (stream: EkoStream, signal: AbortSignal): Promise<Duplex> =>
    stream.role === 'initiator' ? stream.open({ signal }) : incoming.next(stream.id, signal);

  const server = await createLocalServer({
    routes: apiRoutes(client, settings.exportLabels),
    tokens,
    logger,
    limits: { handlerMs: 90_000, ratePerSecond: 500, rateBurst: 1_000 },
    feed: {
      path: PARTY_ROUTES.events,
      mostSubscribers: FEED_READERS,
      subscribe: (reader) => history.subscribe(reader),
    },
    upgrade: (request, socket, head) =>
      upgradeToStream(request, socket, head, (streamId) => client.stream(streamId), source),
  });
  const listening = await server.listen({ host: settings.host, port: settings.port });
  const metrics = new Registry();
  const viewAge = new Gauge({
    name: 'eko_ledger_view_age_seconds',
    help: 'Time since the ledger was last seen to advance',
    registers: [metrics],
    collect: () => {
      viewAge.set(client.ledgerView.msSinceAdvance() / 1_000);
    },
  });
  const operations = await startOperationsServer({
    host: settings.operationsHost,
    port: settings.operationsPort,
    metrics,
    readiness: () =>
      client.ledgerView.msSinceAdvance() > VIEW_BOUND_MS ? ['the ledger is not seen to advance'] : [],
  });

  return {
    ready: {
      nodeId,
      address: `http://${listening.host}:${listening.port}`,
      operations: operations.port,
      ...(listener === undefined ? {} : { streams: `${listener.address.host}:${listener.address.port}` }),
    },
    stop: async () => {
      stopHistory();
      await Promise.all([server.close(), operations.close()]);
      await client.close();
      await base.close();
    },
  };
}
