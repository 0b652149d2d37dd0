import type { AbandonedDealingProof } from '@eko/protocol/ledger';

/** Proofs against dealers, which outlive the bundles that they are about. */
export interface ProofKeeper {
  /**
   * Stores durably; resolves only then.
   * @returns whether the proof was not there before
   */
  put(proof: AbandonedDealingProof): Promise<boolean>;
}
