import { EkoError } from '@eko/protocol';
import { proveVrf } from '@eko/protocol/crypto';
import { Type, type Static } from '@eko/protocol/encoding';
import { ShortText, strictObject } from '@eko/protocol/ledger';
import { RAW_OPERATIONS } from '@eko/protocol/rest';
import {
  BearerTokens,
  NODE_SETTINGS,
  Metrics,
  createLocalServer,
  ledgerReadiness,
  newRefusalMetrics,
  newRequestMetrics,
  openNodeFoundation,
  startNode,
  startOperationsServer,
  type NodeFoundation,
  type NodeHost,
  type RunningNode,
} from '@eko/node-kit';
import { EkoClient } from '@eko/sdk';
import { EventHistory } from './service/event-history';
import { IncomingStreams } from './service/incoming-streams';
import { logLedgerEvent, newPartyObserver, observeParty } from './service/party-metrics';
import { PartyStore } from './service/party-store';
import { openStreamSource } from './service/stream-source';
import { Transfers } from './http/transfers';
import { apiRoutes } from './http/api-routes';
import { dataRoute } from './http/data-route';
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
 * | `transferIdleMs` | a transfer over HTTP in which nothing moves for so long is abandoned |
 */
export const PartySettings = strictObject({
  ...NODE_SETTINGS,
  tokenFile: Type.String({ minLength: 1 }),
  allowRemote: Type.Boolean({ default: false }),
  streamHost: Type.String({ default: '127.0.0.1' }),
  streamPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  exportLabels: Type.Array(ShortText, { default: [] }),
  transferIdleMs: Type.Integer({ minimum: 1_000, maximum: 24 * 3_600_000, default: 600_000 }),
});
export type PartySettings = Static<typeof PartySettings>;

const FEED_READERS = 32;
/** How long an upgrade waits for the other side. */
const UPGRADE_WAIT_MS = 30_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
/** A party that has not seen the ledger advance for so long says that it is not ready. */
const VIEW_BOUND_MS = 10_000;

/**
 * Starts a party: the SDK's client behind a REST API, and a provider's stream listener.
 *
 * @throws EkoError as `openNodeFoundation` and `EkoClient.connect`, whose store is the party's; `INVALID_CONFIG`
 */
export async function startParty(settings: PartySettings, host: NodeHost): Promise<RunningNode> {
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
  return startNode(host, async (node) =>
    open(await openNodeFoundation(settings, 'party', node), settings, tokens),
  );
}

async function open(
  base: NodeFoundation,
  settings: PartySettings,
  tokens: BearerTokens,
): Promise<Omit<RunningNode, 'stop'>> {
  const { nodeId, ledger, logger, kem, sign, onStop } = base;
  const { vrf } = base.keys.seeds;
  if (vrf === undefined) throw new EkoError('INVALID_CONFIG', 'A party needs a vrf key');
  const history = new EventHistory();
  const metrics = new Metrics();
  const refusals = newRefusalMetrics(metrics, logger);
  const client = await EkoClient.connect({
    ledger,
    keys: { nodeId, kem, sign, prove: (alpha) => proveVrf(vrf, alpha) },
    peers: base.client,
    endpoints: base.endpoints,
    store: new PartyStore(base.store, history),
    signal: base.signal,
    observer: {
      ...newPartyObserver(metrics, logger),
      onEvent: (event) => {
        history.add(event);
      },
    },
  });
  onStop(() => client.close());
  observeParty(metrics, client);
  client.onEvent((event) => {
    logLedgerEvent(logger, event, (bundleId) => client.bundles.get(bundleId) !== undefined);
  });

  const incoming = new IncomingStreams();
  const { streamHost: host, streamPort: port } = settings;
  const listener =
    port === undefined
      ? undefined
      : await client.listen(
          (connection, { id }) => incoming.arrived(id, connection),
          { host, port },
          {},
          (streamId, connection) => incoming.ready(streamId, connection),
        );
  const transfers = new Transfers();
  const server = await createLocalServer({
    routes: apiRoutes({ client, transfers, exportLabels: settings.exportLabels }),
    tokens,
    logger,
    onAnswered: newRequestMetrics(metrics),
    onRefused: refusals('api'),
    limits: { handlerMs: 90_000, ratePerSecond: 500, rateBurst: 1_000 },
    feed: {
      path: RAW_OPERATIONS.followEvents.path,
      mostSubscribers: FEED_READERS,
      subscribe: (reader) => history.subscribe(reader),
    },
    bodies: dataRoute({
      stream: (streamId) => client.stream(streamId),
      open: (stream, limits) => openStreamSource(stream, incoming, limits),
      transfers,
      idleMs: settings.transferIdleMs,
    }),
    upgrade: (request, socket, head) =>
      upgradeToStream(request, socket, head, (streamId, signal) =>
        openStreamSource(client.stream(streamId), incoming, { deadlineMs: UPGRADE_WAIT_MS, signal }),
      ),
  });
  onStop(() => server.close());
  const listening = await server.listen({ host: settings.host, port: settings.port });
  const operations = await startOperationsServer({
    host: settings.operationsHost,
    port: settings.operationsPort,
    metrics,
    role: 'party',
    onRefused: refusals('operations'),
    readiness: ledgerReadiness(client.ledgerView, VIEW_BOUND_MS),
  });
  onStop(() => operations.close());
  return {
    ready: {
      nodeId,
      address: `http://${listening.host}:${listening.port}`,
      operations: operations.port,
      ...(listener === undefined ? {} : { streams: `${listener.address.host}:${listener.address.port}` }),
    },
  };
}
