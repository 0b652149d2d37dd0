import {
  encodeCanonicalJson,
  isEkoError,
  recomputeSelection,
  type DealingsRecord,
  type Selection,
} from '@eko/protocol';
import type { BundleHistory } from './bundle-history';

/**
 * Draws a bundle's witnesses again.
 *
 * @returns why the draw on record does not hold, or `undefined`
 * @see protocol.md section 4
 */
export function checkDraw(input: {
  readonly channel: string;
  readonly history: BundleHistory;
  readonly record: DealingsRecord;
  readonly assigned: readonly string[];
}): string | undefined {
  const { channel, history, record, assigned } = input;
  const proved = record.proofs.map(({ orchestrator }) => orchestrator);
  if ([...proved].sort().join() !== [...assigned].sort().join())
    return `${proved.join(', ')} proved, and ${assigned.join(', ')} are assigned`;
  let again: Selection;
  try {
    again = recomputeSelection({
      channel,
      bundle: history.bundle,
      proofs: record.proofs,
      vrfKey: (orchestrator) => history.registry.vrfKeys.get(orchestrator),
      roster: history.registry.witnesses,
    });
  } catch (error) {
    if (!isEkoError(error)) throw error;
    return `the witnesses cannot be drawn: ${error.message}`;
  }
  const isSame = encodeCanonicalJson(again) === encodeCanonicalJson(record.selection);
  return isSame ? undefined : 'other witnesses are on record than the proofs draw';
}
