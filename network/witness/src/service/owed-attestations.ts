import { LIMITS } from '@eko/protocol';
import { FIRST_EPOCH, type Destruction } from '@eko/protocol/ledger';
import { attestable, type WitnessState } from '../core/witness-state';

/** What is destroyed here, ended on the ledger and not yet attested there; at most one transaction's worth. */
export function owedAttestations(bundles: Iterable<WitnessState>): readonly Destruction[] {
  const owed: Destruction[] = [];
  for (const state of bundles) {
    const streams = attestable(state);
    if (streams !== 'all' && streams.length === 0) continue;
    owed.push({
      bundleId: state.bundle.bundleId,
      epoch: FIRST_EPOCH,
      streams: streams === 'all' ? 'all' : [...streams],
    });
    if (owed.length === LIMITS.attestationsPerTransaction) break;
  }
  return owed;
}
