import { LIMITS } from '@eko/protocol';
import type { BundleHistory } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import type { Violation } from './violation';

/** What became of the bundles that were requested. */
export interface SettledRequests {
  readonly active: number;
  readonly ended: number;
  /** Bundles within their set-up time, or waiting for the provider's consent. */
  readonly pending: readonly string[];
  readonly violations: readonly Violation[];
}

/** When a history is judged, and what is expected of it by then. */
export interface SettledTerms {
  readonly nowUnixMs: number;
  /** An accepted request may take this long. */
  readonly setupMs: number;
  /** Bundles whose request was answered to a client. */
  readonly acknowledged?: readonly string[];
}

/** Whether every request has become active or has ended. @see docs/protocol.md, "What always holds" */
export function checkSettled({ bundles }: HistorySoFar, terms: SettledTerms): SettledRequests {
  const lost = (terms.acknowledged ?? [])
    .filter((bundleId) => !bundles.has(bundleId))
    .map((bundleId): Violation => {
      return {
        rule: 'lost-request',
        text: 'it was acknowledged, and the ledger has no request',
        streamId: bundleId,
      };
    });
  const violations: Violation[] = [...lost];
  const pending: string[] = [];
  let active = 0;
  let ended = 0;
  for (const history of bundles.values()) {
    const { bundleId, requestTxId } = history.bundle;
    if (history.ends.some(({ record }) => record.index === undefined)) ended += 1;
    else if (history.dealings !== undefined) active += 1;
    else if (terms.nowUnixMs < dueUnixMs(history, terms.setupMs)) pending.push(bundleId);
    else {
      const blockNumber = history.assignments[0]?.at.blockNumber;
      violations.push({
        rule: 'unsettled-request',
        text: 'it is neither active nor ended, and its time is over',
        streamId: bundleId,
        ...(blockNumber === undefined ? {} : { blockNumber }),
        txId: requestTxId,
      });
    }
  }
  return { active, ended, pending, violations };
}

/**
 * An accepted request has its set-up time; one that the provider has not accepted waits until it expires, and until
 * somebody else than its parties may write that down.
 */
function dueUnixMs({ bundle, acceptance }: BundleHistory, setupMs: number): number {
  const acceptedUnixMs =
    bundle.offerId === undefined ? acceptance?.record.atUnixMs : bundle.requestedAtUnixMs;
  return (acceptedUnixMs ?? bundle.notAfterUnixMs + LIMITS.clockSkewMs) + setupMs;
}
