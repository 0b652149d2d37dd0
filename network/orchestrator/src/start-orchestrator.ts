import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { EkoError, isEkoError } from '@eko/protocol';
import { VrfMemory, deriveVrfPublicKey, type VrfCurve } from '@eko/protocol/crypto';
import { TRANSACTIONS, type NodeRecord } from '@eko/protocol/ledger';
import { loadSodiumVrfCurve, verifyEd25519OnNode } from '@eko/protocol/node';
import {
  BundleBook,
  Metrics,
  SeenBeats,
  StoredBundles,
  createNodeServer,
  followLedger,
  ledgerReadiness,
  newRefusalMetrics,
  newRequestMetrics,
  openNodeFoundation,
  openEnvelopeStore,
  repeat,
  startNode,
  startOperationsServer,
  type NodeFoundation,
  type NodeHost,
  type RunningNode,
} from '@eko/node-kit';
import { AttestationSender, handAttestations, pause } from '@eko/sdk/node';
import { orchestratorStateForm } from './service/bundle-form';
import { collectEnvelope } from './service/collect-envelope';
import { Dealer } from './service/dealer';
import { DeliveryLanes } from './service/delivery-lanes';
import { Gatherer } from './service/gatherer';
import { Heartbeat } from './service/heartbeat';
import { LeadRunner } from './service/lead-runner';
import { LedgerRegistry } from './service/ledger-registry';
import { newOrchestratorMetrics } from './service/orchestrator-metrics';
import { OrchestratorShell } from './service/orchestrator-shell';
import { PeerCourier } from './service/peer-courier';
import { Outbox } from './service/outbox';
import { VrfProver } from './service/vrf-prover';
import { LeadBudget } from './core/lead-budget';
import { isFinished } from './core/orchestrator-state';
import { orchestratorRoutes } from './http/orchestrator-routes';
import type { OrchestratorSettings } from './orchestrator-settings';

const TICK_MS = 200;
/** Acknowledged envelopes are destroyed together that come within this time: each write is one wait for the disk. */
const GATHER_MS = 50;
/** Those of the bundles that are being dealt at a time, with room. */
const PROOFS_REMEMBERED = 1024;
/** Of an attempt: one delivery, all deliveries of a dealing, and a peer's answer to come back. */
const SHARE_OF_ATTEMPT = { delivery: 0.4, deliveries: 0.75, answer: 0.9 } as const;

/**
 * Starts an orchestrator: opens what it holds, takes up what the last run left, catches up with the ledger, then leads
 * and opens its port.
 *
 * @throws EkoError as `loadSodiumVrfCurve` and `openNodeFoundation`; `CORRUPT_RECORD` where the store does not hold
 */
export function startOrchestrator(settings: OrchestratorSettings, host: NodeHost): Promise<RunningNode> {
  return startNode(host, async (node) => {
    const curve = await loadSodiumVrfCurve(host.random);
    return open(await openNodeFoundation(settings, 'orchestrator', node), settings, curve);
  });
}

async function open(
  base: NodeFoundation,
  settings: OrchestratorSettings,
  curve: VrfCurve,
): Promise<Omit<RunningNode, 'stop'>> {
  const { nodeId, ledger, directory, store, clocks, logger, keys, sign, primitives, client, onStop } = base;
  const { channel } = ledger;
  const { eventWaitMs, attemptMs, submitMs } = settings;
  const nowUnixMs = clocks.unixMs;
  const { vrf: vrfSeed } = keys.seeds;
  if (vrfSeed === undefined) throw new EkoError('INVALID_CONFIG', 'An orchestrator needs a vrf key');

  const { book, checkpoint, nodes } = await BundleBook.open(
    new StoredBundles(store, orchestratorStateForm),
    (state) => isFinished(state, nodeId),
  );
  onStop(() => book.close());
  directory.restore(nodes);
  const metrics = new Metrics();
  const observer = newOrchestratorMetrics(metrics, logger, {
    bundles: () => [...book.all()].length,
    waitingEnvelopes: () => lanes.size,
    waitingAttestations: () => gatherer.size,
    ledgerView: () => followed.view,
  });
  const registry = new LedgerRegistry(directory, ledger, pause);
  const envelopes = await openEnvelopeStore(base, settings, 'envelope/');
  const outbox = new Outbox(store, envelopes, () => pause(GATHER_MS));
  onStop(() => outbox.settled());
  const courier = new PeerCourier({
    registry,
    peers: client,
    channel,
    verify: verifyEd25519OnNode,
    deadlineMs: attemptMs * SHARE_OF_ATTEMPT.delivery,
  });
  const lanes = new DeliveryLanes({ outbox, courier, pause, observer });
  const proofs = new VrfMemory(PROOFS_REMEMBERED, curve);
  const dealer = new Dealer({
    nodeId,
    channel,
    book,
    registry,
    proofs,
    outbox,
    courier,
    observer,
    nowUnixMs,
    pause,
    eventWaitMs,
    deliveryMs: attemptMs * SHARE_OF_ATTEMPT.deliveries,
    random: base.random,
    primitives,
    sign,
    yieldToEventLoop,
  });
  const prover = new VrfProver({
    nodeId,
    channel,
    book,
    vrfSeed,
    curve,
    vrfKey: deriveVrfPublicKey(vrfSeed, curve),
    memory: proofs,
    nowUnixMs,
    eventWaitMs,
    yieldToEventLoop,
  });
  const leads = new LeadRunner({
    nodeId,
    ledger,
    registry,
    peers: client,
    verify: verifyEd25519OnNode,
    dealer,
    prove: (request, signal) => prover.prove(nodeId, request, signal),
    observer,
    proofMs: attemptMs * SHARE_OF_ATTEMPT.delivery,
    dealingMs: attemptMs * SHARE_OF_ATTEMPT.answer,
    submitMs,
  });
  const gatherer = new Gatherer({
    nodeId,
    ledger,
    registry,
    recordedBy: (bundleId) => book.get(bundleId)?.record?.by,
    verify: verifyEd25519OnNode,
    observer,
    monotonicMs: clocks.monotonicMs,
    gatherMs: settings.gatherMs,
    submitMs,
  });
  const handToOthers = handAttestations(client, directory);
  const attestations = new AttestationSender({
    nodeId,
    sign,
    ledger,
    // What this node leads, it gathers itself.
    hand: async (peer, attestation, deadlineMs) => {
      if (peer === nodeId) gatherer.take(nodeId, attestation);
      else await handToOthers(peer, attestation, deadlineMs);
    },
    monotonicMs: clocks.monotonicMs,
    observer: {
      submitted: (_bundles, failure) => {
        if (failure !== undefined && !isEkoError(failure)) observer.warned('attesting failed', failure);
        else observer.submitted(TRANSACTIONS.attestDestruction, undefined, failure?.code);
      },
      refused: (peer, failure) => {
        logger.debug('an attestation was not taken', { peer, error: failure });
      },
    },
  });
  const shell = new OrchestratorShell({
    nodeId,
    attestations,
    book,
    checkpoint,
    registry,
    outbox,
    dealer,
    prover,
    lanes,
    leads,
    times: settings,
    budget: new LeadBudget(settings.streamsAtOnce),
    monotonicMs: clocks.monotonicMs,
    nowUnixMs,
    observer,
  });
  await shell.resume();

  const beats = new SeenBeats({
    nodeId,
    mspOf: (node) => registry.node(node)?.mspId,
    monotonicMs: clocks.monotonicMs,
  });
  const followed = followLedger(base, {
    checkpoint: () => shell.checkpoint(),
    apply: async (event, place) => {
      await shell.apply(event, place);
      beats.apply(event);
      gatherer.apply(event);
    },
    passing: shell.passing,
  });
  await followed.caughtUp();
  onStop(() => shell.stop());
  shell.lead();
  const heartbeat = new Heartbeat({
    nodeId,
    ledger,
    beats,
    observer,
    monotonicMs: clocks.monotonicMs,
    heartbeatMs: settings.heartbeatMs,
    beaters: () => beatersOf(registry),
    isRetired: () => registry.node(nodeId)?.status === 'retired',
    submitMs,
  });
  const warned = (error: unknown): void => {
    observer.warned('a tick failed', error);
  };
  onStop(
    repeat(
      () =>
        Promise.resolve().then(() => {
          shell.tick();
          gatherer.tick();
        }),
      TICK_MS,
      warned,
    ),
  );
  // Apart from the ticks: what has to go on time must not wait for a transaction of its own.
  onStop(repeat(() => shell.attest(), TICK_MS, warned));
  onStop(repeat(() => heartbeat.tick(), TICK_MS, warned));
  // What still waits for a commit ends now; the ledger's events tell the next run what came of it.
  onStop(() => ledger.close());

  const mailbox = { nodeId, book, outbox, eventWaitMs };
  const refusals = newRefusalMetrics(metrics, logger);
  const server = createNodeServer({
    tls: keys.tls,
    peers: directory,
    logger,
    onAnswered: newRequestMetrics(metrics),
    onRefused: refusals('nodes'),
    routes: orchestratorRoutes({
      deal: async (sender, request, signal) => {
        const { dealing } = await dealer.deal(sender, request, signal);
        shell.asked(request.bundleId, sender);
        return dealing;
      },
      prove: async (sender, request, signal) => {
        const proof = await prover.prove(sender, request, signal);
        shell.asked(request.bundleId, sender);
        return proof;
      },
      collect: (holder, request, signal) => collectEnvelope(mailbox, holder, request, signal),
      gather: (holder, attestation) => {
        gatherer.take(holder, attestation);
      },
    }),
  });
  // What its callers wait for ends with the shell.
  onStop(() => Promise.all([server.close(), shell.stop()]));
  const listening = await server.listen({ host: settings.host, port: settings.port });
  const operations = await startOperationsServer({
    host: settings.operationsHost,
    port: settings.operationsPort,
    metrics,
    role: 'orchestrator',
    onRefused: refusals('operations'),
    readiness: ledgerReadiness(followed.view, settings.viewBoundMs),
  });
  onStop(() => operations.close());
  return {
    ready: { nodeId, address: `https://${listening.host}:${listening.port}`, operations: operations.port },
    failed: followed.failed,
  };
}

/** The active orchestrators. */
function beatersOf({ directory }: LedgerRegistry): readonly NodeRecord[] {
  return directory.all().filter((node) => node.role === 'orchestrator' && node.status === 'active');
}
