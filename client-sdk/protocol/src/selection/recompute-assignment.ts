import { encodeBase64Url } from '../encoding/base64url';
import { recomputeAssignmentSeed } from './assignment-seed';
import { assignOrchestrators, type AssignmentCandidate } from './rendezvous';
import type { AcceptanceRecord, AssignmentRecord, BundleRecord } from '../ledger/schemas/streams';
import type { VrfVerifier } from '../crypto/vrf';

/**
 * An assignment of a bundle from what the ledger holds: the first, or one that follows after a lease ran out. Chaincode
 * records what this gives, and anybody can check it.
 *
 * @param acceptance - the provider's own; `undefined` where a standing offer consented
 * @param candidates - from `settledEntries` over the orchestrators' roster at that moment
 * @param earlier - the sets of the fences before, in their order
 * @param organisations - how many had orchestrators at the request; without it, that is not held against the first set
 * @param verify - `verifyVrf`, or a verifier with the same answers
 * @throws EkoError `BAD_PROOF` where the provider's proof does not hold, `POLICY_UNSATISFIABLE` where no set exists
 * @see docs/protocol.md, "1. Request and consent"
 */
export function recomputeAssignment(input: {
  readonly channel: string;
  readonly bundle: Pick<BundleRecord, 'bundleId' | 'requestTxId' | 'policy' | 'providerVrf'>;
  readonly acceptance: Pick<AcceptanceRecord, 'proof'> | undefined;
  readonly candidates: readonly AssignmentCandidate[];
  readonly earlier: readonly (readonly AssignmentCandidate[])[];
  readonly organisations?: number;
  readonly verify?: VrfVerifier;
}): Pick<AssignmentRecord, 'fence' | 'seed' | 'orchestrators'> {
  const { bundle, acceptance, candidates, earlier, organisations } = input;
  const seed = recomputeAssignmentSeed({ ...input, proof: acceptance?.proof });
  const { dealers } = bundle.policy;
  const orchestrators = [...assignOrchestrators(candidates, { seed, dealers, earlier, organisations })];
  return { fence: earlier.length, seed: encodeBase64Url(seed), orchestrators };
}
