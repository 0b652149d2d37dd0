import { isEkoError } from '@eko/protocol';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { recomputeAssignment, settledEntries, type AssignmentRecord } from '@eko/protocol/ledger';
import type { BundleHistory } from './bundle-history';
import type { RegistryMoment, RegistryTimeline } from './registry-timeline';

/**
 * Assigns a bundle's orchestrators again: from the seed that its consent gives, who was in the roster at the request and
 * still is, and the sets before.
 *
 * @param acceptance - the provider's own; `undefined` where a standing offer consents
 * @returns why the assignment on record does not hold, or `undefined`
 * @see docs/protocol.md, "1. Request and consent"
 */
export function checkAssignment(input: {
  readonly channel: string;
  readonly history: Pick<BundleHistory, 'bundle' | 'assignments'>;
  /** As it is when the assignment is made. */
  readonly registry: RegistryTimeline;
  /** As it was when the bundle was requested. */
  readonly atRequest: RegistryMoment;
  readonly acceptance: { readonly proof: string } | undefined;
  readonly record: AssignmentRecord;
}): string | undefined {
  const { channel, history, registry, atRequest, acceptance, record } = input;
  const { bundle, assignments } = history;
  const { fence, seed, orchestrators, heldBy } = record;
  const before = assignments.map((placed) => placed.record.orchestrators);
  const earlier = before.map((set) =>
    set.map((nodeId) => ({ nodeId, mspId: registry.node(nodeId)?.mspId ?? '' })),
  );
  let again: Pick<AssignmentRecord, 'fence' | 'seed' | 'orchestrators'>;
  try {
    const candidates = settledEntries(registry.now().orchestrators, bundle.orchestratorRosterVersion);
    const organisations = new Set(atRequest.orchestrators.map(({ mspId }) => mspId)).size;
    again = recomputeAssignment({ channel, bundle, acceptance, candidates, earlier, organisations });
  } catch (error) {
    if (!isEkoError(error)) throw error;
    return `nobody can be assigned: ${error.message}`;
  }
  if (seed !== again.seed) return 'it has another seed than its consent gives';
  if (encodeCanonicalJson({ fence, seed, orchestrators }) !== encodeCanonicalJson(again))
    return `${orchestrators.join(', ')} are assigned, and ${again.orchestrators.join(', ')} were due`;
  const held = before.at(-1);
  return (heldBy ?? []).join() === (held ?? []).join()
    ? undefined
    : 'it names others as holders of the lease before';
}
