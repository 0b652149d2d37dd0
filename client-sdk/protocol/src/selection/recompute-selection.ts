import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url';
import { drawWitnesses } from './draw';
import { POINT_BYTES } from '../crypto/edwards-point';
import { eligibleWitnesses } from './eligible-witnesses';
import { EkoError, isEkoError } from '../errors';
import type { Selection, VrfProof } from '../ledger/schemas/dealings';
import type { RosterEntry } from '../ledger/schemas/nodes';
import type { AssignmentRecord, BundleTerms } from '../ledger/schemas/streams';
import { selectionSeed, vrfInput } from './selection-seed';
import { VRF_PROOF_BYTES, verifyVrf, type VrfVerifier } from '../crypto/vrf';

/**
 * The draw of a bundle under an assignment, from what the ledger holds: verifies every proof, forms the seed, filters the roster and draws.
 * Chaincode records what this gives, dealers deal by it, and anybody can check it.
 *
 * @param proofs - one of each assigned orchestrator
 * @param vrfKey - an orchestrator's registered `vrf` key, base64url
 * @param roster - entries of the witness roster
 * @param verify - `verifyVrf`, or a verifier with the same answers
 * @throws EkoError `BAD_PROOF` naming the orchestrator, `POLICY_UNSATISFIABLE`
 * @see docs/protocol.md, "2. The draw"
 */
export function recomputeSelection(input: {
  readonly channel: string;
  readonly bundle: Pick<
    BundleTerms,
    'bundleId' | 'requestTxId' | 'initiator' | 'initiatorMsp' | 'providerMsp' | 'policy' | 'rosterVersion'
  >;
  readonly assignment: Pick<AssignmentRecord, 'seed' | 'fence'>;
  readonly proofs: readonly VrfProof[];
  readonly vrfKey: (orchestrator: string) => string | undefined;
  readonly roster: readonly RosterEntry[];
  readonly verify?: VrfVerifier;
}): Selection {
  const { bundle, proofs, vrfKey, roster, verify = verifyVrf } = input;
  const alpha = vrfInput(input);
  const outputs = proofs.map((proof) => ({
    orchestrator: proof.orchestrator,
    output: verifyProof(vrfKey(proof.orchestrator), alpha, proof, verify),
  }));
  const { provider, witnesses } = bundle.policy;
  const candidates = eligibleWitnesses(roster, {
    initiator: bundle.initiator,
    provider,
    partyMsps: [bundle.initiatorMsp, bundle.providerMsp],
    rosterVersion: bundle.rosterVersion,
    witnesses,
  });
  const seed = selectionSeed(outputs);
  return { seed: encodeBase64Url(seed), witnesses: [...drawWitnesses(seed, candidates, witnesses)] };
}

function verifyProof(
  key: string | undefined,
  alpha: Uint8Array,
  { orchestrator, proof }: VrfProof,
  verify: VrfVerifier,
): Uint8Array {
  if (key !== undefined) {
    try {
      return verify(decodeBase64Url(key, POINT_BYTES), alpha, decodeBase64Url(proof, VRF_PROOF_BYTES));
    } catch (error) {
      if (!isEkoError(error, 'BAD_PROOF', 'INVALID_ARGUMENT')) throw error;
    }
  }
  throw new EkoError('BAD_PROOF', `The VRF proof of ${orchestrator} does not hold`, {
    details: { orchestrator },
  });
}
