import type { LedgerView } from '@eko/sdk/node';
import { type Metrics, newGauge } from './metrics';
import type { Readiness } from './operations-server';

/** A node is not ready while it has not seen the ledger advance for `boundMs`. */
export function ledgerReadiness(view: LedgerView, boundMs: number): Readiness {
  return () => (view.msSinceAdvance() > boundMs ? ['the ledger is not seen to advance'] : []);
}

/** Shows how old the node's view of the ledger is; `view` is asked whenever the metrics are read. */
export function observeLedgerView(metrics: Metrics, view: () => LedgerView): void {
  newGauge(
    metrics,
    'eko_ledger_view_age_seconds',
    'Time since the ledger was last seen to advance',
    () => view().msSinceAdvance() / 1_000,
  );
}
