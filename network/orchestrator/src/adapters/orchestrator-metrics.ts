import { Counter, Gauge, type Logger, type Registry } from '@eko/node-kit';
import type { OrchestratorObserver } from '../ports/orchestrator-observer';

/** What an orchestrator's gauges read when they are asked. */
export interface OrchestratorGauges {
  readonly bundles: () => number;
  readonly waitingEnvelopes: () => number;
  readonly viewAgeSeconds: () => number;
}

/** Counts and logs what an orchestrator does. Labels are codes and transaction names, never input. */
export function newOrchestratorMetrics(
  registry: Registry,
  logger: Logger,
  gauges: OrchestratorGauges,
): OrchestratorObserver {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('eko_orchestrator_bundles', 'Bundles that this orchestrator follows', gauges.bundles);
  gauge(
    'eko_orchestrator_waiting_envelopes',
    'Envelopes that wait for a witness that is away',
    gauges.waitingEnvelopes,
  );
  gauge(
    'eko_ledger_view_age_seconds',
    'Time since the ledger was last seen to advance',
    gauges.viewAgeSeconds,
  );
  const dealings = new Counter({
    name: 'eko_orchestrator_dealings_total',
    help: 'Dealings that reached their quorum',
    registers,
  });
  const streams = new Counter({
    name: 'eko_orchestrator_streams_dealt_total',
    help: 'Streams of these dealings',
    registers,
  });
  const deliveries = new Counter({
    name: 'eko_orchestrator_deliveries_total',
    help: 'Envelopes delivered or refused',
    labelNames: ['code'],
    registers,
  });
  const transactions = new Counter({
    name: 'eko_orchestrator_transactions_total',
    help: 'Transactions by outcome, reassignments among them',
    labelNames: ['transaction', 'code'],
    registers,
  });
  const peerFailures = new Counter({
    name: 'eko_orchestrator_peer_failures_total',
    help: 'Attempts to lead that failed because of a peer',
    labelNames: ['code'],
    registers,
  });
  const destroyed = new Counter({
    name: 'eko_orchestrator_dealings_destroyed_total',
    help: 'Dealings whose envelopes were destroyed',
    registers,
  });
  return {
    dealt: (bundleId, count) => {
      dealings.inc();
      streams.inc(count);
      logger.debug('bundle dealt', { bundleId, count });
    },
    delivered: (holder, code) => {
      deliveries.inc({ code: code ?? 'OK' });
      if (code !== undefined) logger.debug('delivery failed', { peer: holder, reason: code });
    },
    peerFailed: (bundleId, peer, code) => {
      peerFailures.inc({ code });
      logger.warn('attempt failed', { bundleId, peer, reason: code });
    },
    submitted: (transaction, bundleId, code) => {
      transactions.inc({ transaction, code: code ?? 'OK' });
      if (code === undefined) return;
      logger.warn('the ledger refused', {
        route: transaction,
        reason: code,
        ...(bundleId === undefined ? {} : { bundleId }),
      });
    },
    destroyed: (bundleId, count) => {
      destroyed.inc(count);
      logger.info('envelopes destroyed', { bundleId, count });
    },
    troubled: (event, error) => {
      logger.error(event, { error });
    },
  };
}
