import { Type, type Static } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import { AttestationSender, handAttestations } from '@eko/sdk/node';
import {
  BundleBook,
  NODE_SETTINGS,
  NamedTurns,
  Metrics,
  SeenBeats,
  StoredBundles,
  createNodeServer,
  followLedger,
  ledgerReadiness,
  newRefusalMetrics,
  newRequestMetrics,
  openNodeFoundation,
  openShareSlots,
  repeat,
  startNode,
  startOperationsServer,
  type NodeFoundation,
  type NodeHost,
  type RunningNode,
} from '@eko/node-kit';
import { witnessStateForm } from './service/bundle-form';
import { OwnBeat } from './service/own-beat';
import { releaseShares } from './service/release-shares';
import { ShareStore } from './service/share-store';
import { StoredProofs } from './service/stored-proofs';
import { StoredReceipts } from './service/stored-receipts';
import { takeEnvelope } from './service/take-envelope';
import { newWitnessMetrics } from './service/witness-metrics';
import { WitnessShell } from './service/witness-shell';
import type { ReleaseBounds, ReleaseMoment } from './core/decide-release';
import { StoreRoom } from './core/store-room';
import { isFinished } from './core/witness-state';
import { witnessRoutes } from './http/witness-routes';

/**
 * The settings of a witness: those of every node, and its bounds in milliseconds.
 *
 * | setting | meaning |
 * | --- | --- |
 * | `permitLifetimeMs` | how long a permit is good on the monotonic clock |
 * | `clockToleranceMs` | how far honest clocks may differ |
 * | `viewBoundMs` | a view of the ledger that is older gives a party nothing |
 * | `eventWaitMs` | how long a request may run ahead of its ledger event |
 * | `unrecordedLimitMs` | how long a dealing may wait for the ledger |
 * | `showReceiptsMs` | receipts that it has not shown on the ledger itself for so long, it shows there |
 * | `mostShares` | shares that this witness holds at most; of streams that one organisation asks for, an eighth |
 */
export const WitnessSettings = strictObject({
  ...NODE_SETTINGS,
  permitLifetimeMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 5_000 }),
  clockToleranceMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 2_000 }),
  viewBoundMs: Type.Integer({ minimum: 500, maximum: 120_000, default: 6_000 }),
  eventWaitMs: Type.Integer({ minimum: 0, maximum: 10_000, default: 2_000 }),
  unrecordedLimitMs: Type.Integer({ minimum: 1_000, maximum: 3_600_000, default: 120_000 }),
  showReceiptsMs: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 }),
  mostShares: Type.Integer({ minimum: 8, maximum: 16_777_216, default: 1_048_576 }),
});
export type WitnessSettings = Static<typeof WitnessSettings>;

const TICK_MS = 500;

/**
 * Starts a witness: opens what it holds, destroys what no bundle speaks for, follows the ledger, then opens its port.
 *
 * @throws EkoError as `openNodeFoundation`; `CORRUPT_RECORD` where the store does not hold; `RECEIPTS_LOST` where it is
 *   not the one that this witness had
 */
export function startWitness(settings: WitnessSettings, host: NodeHost): Promise<RunningNode> {
  return startNode(host, async (node) => open(await openNodeFoundation(settings, 'witness', node), settings));
}

async function open(base: NodeFoundation, settings: WitnessSettings): Promise<Omit<RunningNode, 'stop'>> {
  const { nodeId, ledger, directory, store, clocks, logger, keys, kem, sign, primitives, client, onStop } =
    base;
  const { channel } = ledger;

  const slots = await openShareSlots(base, settings);
  const shares = new ShareStore(slots);
  const receipts = await StoredReceipts.open(store, sign, base.random);
  const { book, checkpoint, nodes } = await BundleBook.open(
    new StoredBundles(store, witnessStateForm),
    (state) => isFinished(state, nodeId),
  );
  onStop(() => book.close());
  directory.restore(nodes);

  const room = new StoreRoom(book, settings.mostShares);
  const metrics = new Metrics();
  const observer = newWitnessMetrics(metrics, logger, {
    bundles: () => [...book.all()].length,
    shares: () => room.stored,
    ledgerView: () => followed.view,
  });
  const turns = new NamedTurns();
  const attestations = new AttestationSender({
    nodeId,
    sign,
    ledger,
    receiptHead: () => receipts.head,
    hand: handAttestations(client, directory),
    monotonicMs: clocks.monotonicMs,
    observer,
  });
  const shell = new WitnessShell({
    nodeId,
    attestations,
    ledger,
    book,
    shares,
    turns,
    proofs: new StoredProofs(store),
    verify: verifyEd25519OnNode,
    signKeyOf: (nodeId) => directory.get(nodeId)?.keys.sign,
    checkpoint,
    monotonicMs: clocks.monotonicMs,
    nowUnixMs: clocks.unixMs,
    observer,
    unrecordedLimitMs: settings.unrecordedLimitMs,
    isRetired: () => directory.get(nodeId)?.status === 'retired',
  });
  await shell.sweep();

  const beats = new SeenBeats({
    nodeId,
    mspOf: (node) => directory.get(node)?.mspId,
    monotonicMs: clocks.monotonicMs,
  });
  const bounds: ReleaseBounds = settings;
  const moment = (partyMsp: string): ReleaseMoment => ({
    monotonicMs: clocks.monotonicMs(),
    unixMs: clocks.unixMs(),
    beat: beats.newestApartFrom(partyMsp),
  });
  const { eventWaitMs } = settings;
  const own = new OwnBeat({
    nodeId,
    ledger,
    beats,
    bounds,
    moment,
    receiptHead: () => receipts.head,
    waitMs: eventWaitMs,
    monotonicMs: clocks.monotonicMs,
    showReceiptsMs: settings.showReceiptsMs,
    observer,
  });
  const followed = followLedger(
    base,
    {
      checkpoint: () => shell.checkpoint(),
      apply: async (event, place) => {
        directory.apply(event);
        beats.apply(event);
        own.apply(event);
        await shell.apply(event, place);
      },
      passing: shell.passing,
    },
    () => receipts.head,
  );
  // Before the port opens, every share has been held against the whole ledger, and the receipts against what this
  // witness had said of them there: one that has lost them ends here, and forks nothing.
  await followed.caughtUp();
  const warned = (error: unknown): void => {
    logger.error('a tick failed', { error });
  };
  onStop(repeat(() => shell.tick(), TICK_MS, warned));
  onStop(repeat(() => shell.settle(), TICK_MS, warned));
  // What still waits for a commit ends now; the ledger's events tell the next run what came of it.
  onStop(() => ledger.close());

  onStop(repeat(() => own.showReceipts(), TICK_MS, warned));
  const takeDeps = {
    nodeId,
    channel,
    kem,
    sign,
    verify: verifyEd25519OnNode,
    primitives,
    book,
    shares,
    room,
    turns,
    nowUnixMs: clocks.unixMs,
    eventWaitMs,
    observer,
  };
  const releaseDeps = {
    nodeId,
    channel,
    primitives,
    book,
    shares,
    turns,
    receipts,
    bounds,
    moment,
    freshen: (partyMsp: string) => own.freshen(partyMsp),
    eventWaitMs,
  };
  const refusals = newRefusalMetrics(metrics, logger);
  const server = createNodeServer({
    tls: keys.tls,
    peers: directory,
    logger,
    onAnswered: newRequestMetrics(metrics),
    onRefused: refusals('nodes'),
    routes: witnessRoutes({
      recordOf: (peer) => directory.require(peer),
      takeEnvelope: async (sender, delivery, signal) => {
        const acknowledgement = await takeEnvelope(takeDeps, sender, delivery, signal);
        observer.envelopesTaken.inc();
        return acknowledgement;
      },
      releaseShares: async (party, request, signal) => {
        const answer = await releaseShares(releaseDeps, party, request, signal);
        observer.sharesReleased.inc();
        return answer;
      },
    }),
  });
  onStop(() => server.close());
  const listening = await server.listen({ host: settings.host, port: settings.port });
  const operations = await startOperationsServer({
    host: settings.operationsHost,
    port: settings.operationsPort,
    metrics,
    role: 'witness',
    onRefused: refusals('operations'),
    readiness: ledgerReadiness(followed.view, settings.viewBoundMs),
  });
  onStop(() => operations.close());
  return {
    ready: { nodeId, address: `https://${listening.host}:${listening.port}`, operations: operations.port },
    failed: followed.failed,
  };
}
