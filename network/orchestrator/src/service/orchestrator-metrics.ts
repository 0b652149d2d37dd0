import { newCounter, newGauge, observeLedgerView, type Logger, type Metrics } from '@eko/node-kit';
import type { LedgerView } from '@eko/sdk/node';
import type { OrchestratorObserver } from './orchestrator-observer';

/** What an orchestrator's gauges read when they are asked. */
export interface OrchestratorGauges {
  readonly bundles: () => number;
  readonly waitingEnvelopes: () => number;
  readonly waitingAttestations: () => number;
  readonly ledgerView: () => LedgerView;
}

/** Counts and logs what an orchestrator does. Labels are codes and transaction names, never input. */
export function newOrchestratorMetrics(
  metrics: Metrics,
  logger: Logger,
  gauges: OrchestratorGauges,
): OrchestratorObserver {
  newGauge(metrics, 'eko_orchestrator_bundles', 'Bundles that this orchestrator follows', gauges.bundles);
  newGauge(
    metrics,
    'eko_orchestrator_waiting_envelopes',
    'Envelopes that wait for a witness that is away',
    gauges.waitingEnvelopes,
  );
  newGauge(
    metrics,
    'eko_orchestrator_waiting_attestations',
    'Attestations that wait here to be submitted together',
    gauges.waitingAttestations,
  );
  observeLedgerView(metrics, gauges.ledgerView);
  const dealings = newCounter(
    metrics,
    'eko_orchestrator_dealings_total',
    'Dealings that reached their quorum',
  );
  const streams = newCounter(metrics, 'eko_orchestrator_streams_dealt_total', 'Streams of these dealings');
  const deliveries = newCounter(
    metrics,
    'eko_orchestrator_deliveries_total',
    'Envelopes delivered or refused',
    ['code'],
  );
  const transactions = newCounter(
    metrics,
    'eko_orchestrator_transactions_total',
    'Transactions by outcome, reassignments among them',
    ['transaction', 'code'],
  );
  const peerFailures = newCounter(
    metrics,
    'eko_orchestrator_peer_failures_total',
    'Attempts to lead that failed because of a peer',
    ['code'],
  );
  const unattested = newCounter(
    metrics,
    'eko_orchestrator_attestations_left_out_total',
    'Attestations of others that the ledger did not take with the rest',
  );
  const destroyed = newCounter(
    metrics,
    'eko_orchestrator_dealings_destroyed_total',
    'Dealings whose envelopes were destroyed',
  );
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
    unattested: (peer, reason) => {
      unattested.inc();
      logger.warn('the ledger left an attestation out', { peer, reason });
    },
    destroyed: (bundleId, count) => {
      destroyed.inc(count);
      logger.info('envelopes destroyed', { bundleId, count });
    },
    warned: (event, error) => {
      logger.error(event, { error });
    },
  };
}
