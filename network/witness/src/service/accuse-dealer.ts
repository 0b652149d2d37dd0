import { isEkoError, type ErrorCode } from '@eko/protocol';
import {
  newAbandonedDealingProof,
  verifyAbandonedDealingProof,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import type { AbandonedDealingProof } from '@eko/protocol/ledger';
import type { KeptAbandonment, WitnessState } from '../core/witness-state';
import type { StoredProofs } from './stored-proofs';

/** What accusing needs. */
export interface AccuseDeps {
  readonly channel: string;
  readonly verify: SignatureVerifier;
  readonly proofs: StoredProofs;
  /** A node's registered `sign` key, base64url. */
  readonly signKeyOf: (nodeId: string) => string | undefined;
  readonly observer: {
    /** A dealer is proved to have abandoned what it had recorded. */
    accused(bundleId: string, dealer: string): void;
    /** What the dealer abandoned is recorded, and yet the proof does not hold: nobody is accused. */
    unproved(bundleId: string, dealer: string, code: ErrorCode): void;
  };
}

/**
 * Proves that the ledger records a dealing which its dealer signed as abandoned: makes the proof, checks it as anybody
 * else would, stores it and says so. Nothing is said a second time.
 */
export async function accuseDealer(
  { channel, verify, proofs, signKeyOf, observer }: AccuseDeps,
  { bundle, record }: WitnessState,
  { dealer, dealingId, signature, signKey }: KeptAbandonment,
): Promise<void> {
  if (record === undefined) return;
  const { bundleId } = bundle;
  const present = signKeyOf(dealer);
  const dealerKeys = present === undefined ? [signKey] : [signKey, present];
  let proof: AbandonedDealingProof;
  try {
    const recorded = { ...record, dealings: record.abandoned ?? [] };
    proof = newAbandonedDealingProof({
      ...{ channel, bundle, dealer, dealingId },
      record: recorded,
      abandonment: signature,
    });
    verifyAbandonedDealingProof(proof, { dealerKeys }, verify);
  } catch (error) {
    if (!isEkoError(error)) throw error;
    observer.unproved(bundleId, dealer, error.code);
    return;
  }
  if (await proofs.put(proof)) observer.accused(bundleId, dealer);
}
