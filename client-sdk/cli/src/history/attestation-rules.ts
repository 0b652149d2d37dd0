import { LABELS, type AttestationRecord, type DestructionStatement } from '@eko/protocol';
import { endBefore, indicesOf, isPartyOf, type BundleHistory } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import { violationAt, type HistoryPlace, type Violation } from './violation';

/** Judges a batch of attestations: its signature, and of each entry that it follows an end and comes from a holder. */
export function checkAttestation(
  { channel, registry, bundles }: HistorySoFar,
  { nodeId, destructions, receipts, signature }: AttestationRecord,
  at: HistoryPlace,
): readonly Violation[] {
  const found: Violation[] = [];
  const said = receipts === undefined ? {} : { receipts };
  const statement: DestructionStatement = { channel, nodeId, destructions, ...said };
  const key = registry.node(nodeId)?.keys.sign;
  if (key === undefined || !isSigned(LABELS.destructionSignature, statement, signature, [key]))
    found.push(violationAt('wrong-signature', at, undefined, `the signature of ${nodeId} does not hold`));
  for (const destruction of destructions) {
    const { bundleId } = destruction;
    const bundle = bundles.get(bundleId);
    if (bundle === undefined) {
      found.push(violationAt('act-out-of-order', at, bundleId, 'nobody has requested this bundle'));
      continue;
    }
    for (const index of indicesOf(bundle, destruction.streams)) {
      if (endBefore(bundle, [index], at) !== undefined) continue;
      const text = `${nodeId} attests its destruction before it has ended`;
      found.push(violationAt('act-out-of-order', at, `${bundleId}/${index}`, text));
    }
    if (!mayHaveHeld(bundle, nodeId, registry.node(nodeId)?.role === 'witness')) {
      const text = `${nodeId} held nothing of it, and attests its destruction`;
      found.push(violationAt('attestation-by-stranger', at, bundleId, text));
    }
  }
  return found;
}

/**
 * Whether a node had something to destroy: the parties, whoever was assigned to deal, and the witnesses of the draw on
 * record, whichever of its streams they were drawn for: one whose clock ends all of them at once also attests those that
 * the ledger ended before. A dealing that was delivered and never recorded has a draw that nobody can see, so that any
 * witness may have held something of a bundle that was not dealt, or not by those first assigned.
 */
function mayHaveHeld(bundle: BundleHistory, nodeId: string, isWitness: boolean): boolean {
  if (isPartyOf(bundle, nodeId)) return true;
  if (bundle.assignments.some(({ record }) => record.orchestrators.includes(nodeId))) return true;
  const { dealings, assignments } = bundle;
  if (dealings === undefined || assignments.length > 1) return isWitness;
  return dealings.record.selection.witnesses.includes(nodeId);
}
