import { STATE_KEYS } from '@eko/protocol/ledger';
import type { BundleHistory } from './bundle-history';
import type { HistoryPlace } from './violation';

/**
 * Where a fact that is written once was written, as the history of its bundle has it: so nothing has to be kept for each
 * key that was ever written.
 *
 * @returns nothing where it was not written, or not with an event
 */
export function firstWrite(
  bundles: ReadonlyMap<string, BundleHistory>,
  [family = '', bundleId = '', part]: readonly string[],
): HistoryPlace | undefined {
  const history = bundles.get(bundleId);
  if (history === undefined) return undefined;
  const { acceptance, assignments, dealings, ends, permits } = history;
  switch (family) {
    case STATE_KEYS.bundle:
      return history.at;
    case STATE_KEYS.acceptance:
      return acceptance?.at;
    case STATE_KEYS.assignment:
      return assignments.find(({ record }) => String(record.fence) === part)?.at;
    case STATE_KEYS.dealings:
      return String(dealings?.record.epoch) === part ? dealings?.at : undefined;
    case STATE_KEYS.permit:
      return part === undefined || part === dealings?.at.txId ? undefined : permits.get(part)?.at;
    case STATE_KEYS.end:
      return ends.find(({ record: { index } }) => (index === undefined ? undefined : String(index)) === part)
        ?.at;
    default:
      return undefined;
  }
}
