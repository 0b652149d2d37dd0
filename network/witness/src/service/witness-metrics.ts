import type { ErrorCode } from '@eko/protocol';
import {
  newCounter,
  newGauge,
  observeLedgerView,
  type Counter,
  type Logger,
  type Metrics,
} from '@eko/node-kit';
import type { AttestationObserver, LedgerView } from '@eko/sdk/node';
import type { EnvelopeObserver } from './take-envelope';
import type { WitnessObserver } from './witness-shell';

/** What a witness counts and logs about itself. */
export interface WitnessMetrics extends WitnessObserver, EnvelopeObserver, AttestationObserver {
  readonly envelopesTaken: Counter<never>;
  readonly sharesReleased: Counter<never>;
}

/** Metrics of a witness in `metrics`; labels are fixed, values are counts. */
export function newWitnessMetrics(
  metrics: Metrics,
  logger: Logger,
  gauges: {
    readonly bundles: () => number;
    /** What follows from the store when it is asked, which no count of what came and went can drift from. */
    readonly shares: () => number;
    readonly ledgerView: () => LedgerView;
  },
): WitnessMetrics {
  const counter = (name: string, help: string): Counter<never> => newCounter(metrics, name, help);
  newGauge(metrics, 'eko_witness_bundles', 'Bundles that this witness follows', gauges.bundles);
  newGauge(metrics, 'eko_witness_shares_held', 'Shares that this witness holds', gauges.shares);
  observeLedgerView(metrics, gauges.ledgerView);
  const destroyedShares = counter('eko_witness_shares_destroyed_total', 'Shares destroyed');
  const attestations = counter(
    'eko_witness_attestations_total',
    'Bundles whose destruction this witness attested by a transaction of its own',
  );
  const alarms = counter(
    'eko_witness_misdealt_total',
    'Recorded dealings that gave this witness another place than the draw, or other shares than were recorded',
  );
  const accusations = counter(
    'eko_witness_abandoned_dealings_total',
    'Recorded dealings that their dealer had signed as given up',
  );
  const conflicts = counter(
    'eko_witness_conflicting_envelopes_total',
    'Envelopes refused because their dealer had delivered another one for the same place',
  );
  const recordedAbandoned: ErrorCode = 'BAD_DEALING';
  return {
    envelopesTaken: counter('eko_witness_envelopes_taken_total', 'Envelopes acknowledged'),
    sharesReleased: counter('eko_witness_releases_total', 'Releases answered'),
    misdealt(bundleId, dealer) {
      alarms.inc();
      logger.error('misdealt share destroyed', { bundleId, peer: dealer });
    },
    conflicted(bundleId, dealer) {
      conflicts.inc();
      logger.error('another envelope for the same place', { bundleId, peer: dealer });
    },
    accused(bundleId, dealer) {
      accusations.inc();
      logger.error('a dealer had recorded what it gave up', {
        bundleId,
        peer: dealer,
        reason: recordedAbandoned,
      });
    },
    unproved(bundleId, dealer, code) {
      logger.warn('no proof that a dealer had recorded what it gave up', {
        bundleId,
        peer: dealer,
        reason: code,
      });
    },
    destroyed(bundleId, shares) {
      destroyedShares.inc(shares);
      logger.info('shares destroyed', { bundleId, count: shares });
    },
    undestroyed(bundleId, error) {
      logger.error('shares not destroyed yet', { bundleId, error });
    },
    submitted(bundles, failure) {
      if (failure === undefined) attestations.inc(bundles);
      else logger.warn('attesting failed', { error: failure });
    },
    refused(gatherer, failure) {
      logger.debug('an attestation was not taken', { peer: gatherer, error: failure });
    },
    warned(code) {
      logger.warn('the ledger refused', { reason: code });
    },
  };
}
