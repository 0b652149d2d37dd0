import { isEkoError } from '@eko/protocol';
import {
  bundleTermsOf,
  recomputeSelection,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
  type Selection,
} from '@eko/protocol/ledger';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import type { RegistryMoment } from './registry-timeline';

/**
 * Draws a bundle's witnesses again.
 *
 * @returns why the draw on record does not hold, or `undefined`
 * @see docs/protocol.md, "2. The draw"
 */
export function checkDraw(input: {
  readonly channel: string;
  readonly bundle: BundleRecord;
  /** As it was when the bundle was requested. */
  readonly registry: RegistryMoment;
  readonly record: DealingsRecord;
  /** The one that the record's fence names. */
  readonly assignment: AssignmentRecord | undefined;
}): string | undefined {
  const { channel, bundle, registry, record, assignment } = input;
  if (assignment === undefined) return `nobody was assigned at fence ${record.fence}`;
  const assigned = assignment.orchestrators;
  const proved = record.proofs.map(({ orchestrator }) => orchestrator);
  if ([...proved].sort().join() !== [...assigned].sort().join())
    return `${proved.join(', ')} proved, and ${assigned.join(', ')} are assigned`;
  let again: Selection;
  try {
    again = recomputeSelection({
      channel,
      bundle: bundleTermsOf(bundle),
      assignment,
      proofs: record.proofs,
      vrfKey: (orchestrator) => registry.vrfKeys.get(orchestrator),
      roster: registry.witnesses,
    });
  } catch (error) {
    if (!isEkoError(error)) throw error;
    return `the witnesses cannot be drawn: ${error.message}`;
  }
  const isSame = encodeCanonicalJson(again) === encodeCanonicalJson(record.selection);
  return isSame ? undefined : 'other witnesses are on record than the proofs draw';
}
