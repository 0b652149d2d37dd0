import {
  FIRST_EPOCH,
  type Attestation,
  type AttestationRecord,
  type NodeRecord,
  type ReceiptHead,
} from '@eko/protocol/ledger';
import { LABELS, attestationStatement } from '@eko/protocol/crypto';
import { endBefore, indicesOf, isPartyOf, type BundleHistory } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import { violationAt, type HistoryPlace, type Violation } from './violation';

/**
 * Judges the attestations of one transaction: who submitted them takes part, or did once; each is signed by the node that
 * it names with the key that this node had then, and each of its entries follows an end and comes from a holder.
 */
export function checkAttestations(
  history: HistorySoFar,
  { attestations, by }: AttestationRecord,
  at: HistoryPlace,
): readonly Violation[] {
  const stranger = isAdmitted(history.registry.node(by))
    ? []
    : [violationAt('act-by-stranger', at, undefined, `${by} submits attestations, and takes no part`)];
  return [...stranger, ...attestations.flatMap((attestation) => checkAttestation(history, attestation, at))];
}

function checkAttestation(
  { channel, registry, bundles }: HistorySoFar,
  attestation: Attestation,
  at: HistoryPlace,
): readonly Violation[] {
  const { nodeId, destructions, receipts, signature } = attestation;
  const found: Violation[] = [];
  const statement = attestationStatement(channel, attestation);
  const node = registry.node(nodeId);
  if (node !== undefined) found.push(...checkSaid(node, receipts, at));
  const key = node?.keys.sign;
  if (key === undefined || !isSigned(LABELS.destructionSignature, statement, signature, [key]))
    found.push(violationAt('wrong-signature', at, undefined, `the signature of ${nodeId} does not hold`));
  for (const destruction of destructions) {
    const { bundleId } = destruction;
    const bundle = bundles.get(bundleId);
    if (bundle === undefined) {
      found.push(violationAt('act-out-of-order', at, bundleId, 'nobody has requested this bundle'));
      continue;
    }
    if (destruction.epoch !== FIRST_EPOCH)
      found.push(violationAt('act-out-of-order', at, bundleId, `epoch ${destruction.epoch} was never dealt`));
    for (const index of indicesOf(bundle, destruction.streams)) {
      if (index >= bundle.bundle.requests.length)
        found.push(
          violationAt('act-out-of-order', at, `${bundleId}/${index}`, 'the bundle has no such stream'),
        );
      if (endBefore(bundle, [index], at) !== undefined) continue;
      const text = `${nodeId} attests its destruction before it has ended`;
      found.push(violationAt('act-out-of-order', at, `${bundleId}/${index}`, text));
    }
    if (!isAdmitted(node) || !mayHaveHeld(bundle, nodeId, node?.role === 'witness')) {
      const text = `${nodeId} held nothing of it, and attests its destruction`;
      found.push(violationAt('attestation-by-stranger', at, bundleId, text));
    }
  }
  return found;
}

/** Whether a node takes part, or did once: its organisation let it. */
export function isAdmitted(node: NodeRecord | undefined): boolean {
  return node?.status === 'active' || node?.status === 'retired';
}

/** A witness says how far its receipts have come whenever it speaks of itself, and nobody else does. */
export function checkSaid(
  { nodeId, role }: NodeRecord,
  receipts: ReceiptHead | undefined,
  at: HistoryPlace,
): readonly Violation[] {
  if ((receipts !== undefined) === (role === 'witness')) return [];
  const text =
    role === 'witness'
      ? `${nodeId} says nothing of its receipts`
      : `${nodeId} speaks of receipts, and is no witness`;
  return [violationAt('receipt-missing', at, undefined, text)];
}

/**
 * Whether a node had something to destroy: the parties, whoever was assigned to deal, and the witnesses of the draw on
 * record. A dealing that was delivered and never recorded has a draw that nobody can see, so that any witness may have
 * held something of a bundle that was not dealt, or not by those first assigned.
 */
function mayHaveHeld(bundle: BundleHistory, nodeId: string, isWitness: boolean): boolean {
  if (isPartyOf(bundle, nodeId)) return true;
  if (bundle.assignments.some(({ record }) => record.orchestrators.includes(nodeId))) return true;
  const { dealings, assignments } = bundle;
  if (dealings === undefined || assignments.length > 1) return isWitness;
  return dealings.record.selection.witnesses.includes(nodeId);
}
