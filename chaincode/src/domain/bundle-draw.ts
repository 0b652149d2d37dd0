import { EkoError } from '@eko/protocol';
import {
  bundleTermsOf,
  recomputeSelection,
  settledEntries,
  type AssignmentRecord,
  type BundleRecord,
  type NodeRecord,
  type Selection,
  type VrfProof,
} from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { readRoster } from './records';

/**
 * Draws a bundle's witnesses from the proofs of its assigned orchestrators, in the order of their assignment. A proof
 * counts only under a key that was registered before the request: nobody can try keys until the draw pleases it.
 *
 * @param dealers - records of the assigned orchestrators, in that order
 * @throws EkoError `BAD_PROOF` naming the orchestrator, `POLICY_UNSATISFIABLE`
 * @see docs/protocol.md, "2. The draw"
 */
export async function drawFromProofs(
  input: {
    readonly bundle: BundleRecord;
    readonly assignment: AssignmentRecord;
    readonly dealers: readonly NodeRecord[];
    readonly proofs: readonly VrfProof[];
  },
  { call, ledger, verify }: Work,
): Promise<Selection> {
  const { bundle, assignment, dealers, proofs } = input;
  refuseOtherProvers(dealers, proofs);
  const orchestrators = await readRoster(ledger, 'orchestrator');
  const witnesses = await readRoster(ledger, 'witness');
  const settled = new Set(
    settledEntries(orchestrators.entries, bundle.orchestratorRosterVersion).map(({ nodeId }) => nodeId),
  );
  const keys = new Map(
    dealers.filter(({ nodeId }) => settled.has(nodeId)).map(({ nodeId, keys: { vrf } }) => [nodeId, vrf]),
  );
  return recomputeSelection({
    channel: call.channel,
    bundle: bundleTermsOf(bundle),
    assignment,
    proofs,
    vrfKey: (nodeId) => keys.get(nodeId),
    roster: witnesses.entries,
    verify: verify.vrf,
  });
}

function refuseOtherProvers(dealers: readonly NodeRecord[], proofs: readonly VrfProof[]): void {
  const expected = dealers.map(({ nodeId }) => nodeId);
  const wrong = Array.from({ length: Math.max(expected.length, proofs.length) }, (_, place) => place).find(
    (place) => expected[place] !== proofs[place]?.orchestrator,
  );
  if (wrong === undefined) return;
  throw new EkoError('BAD_PROOF', 'The proofs must be those of the assigned orchestrators, in their order', {
    details: { orchestrator: expected[wrong] ?? proofs[wrong]?.orchestrator ?? '' },
  });
}
