import { Counter, newGauge, observeLedgerView, type Logger, type Registry } from '@eko/node-kit';
import type { LedgerView } from '@eko/sdk';
import type { OrchestratorObserver } from '../ports/orchestrator-observer';

/** What an orchestrator's gauges read when they are asked. */
export interface OrchestratorGauges {
  readonly bundles: () => number;
  readonly waitingEnvelopes: () => number;
  readonly ledgerView: () => LedgerView;
}

/** Counts and logs what an orchestrator does. Labels are codes and transaction names, never input. */
export function newOrchestratorMetrics(
  registry: Registry,
  logger: Logger,
  gauges: OrchestratorGauges,
): OrchestratorObserver {
  const registers = [registry];
  newGauge(registry, 'eko_orchestrator_bundles', 'Bundles that this orchestrator follows', gauges.bundles);
  newGauge(
    registry,
    'eko_orchestrator_waiting_envelopes',
    'Envelopes that wait for a witness that is away',
    gauges.waitingEnvelopes,
  );
  observeLedgerView(registry, gauges.ledgerView);
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
