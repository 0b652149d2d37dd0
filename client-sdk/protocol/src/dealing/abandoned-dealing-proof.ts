import { abandonmentStatement } from './dealing-statement';
import { dealingStatement, holdersOf } from './dealing-statement';
import type { SignatureVerifier } from '../crypto/ed25519';
import { EkoError, isEkoError } from '../errors';
import { LABELS, type SignatureLabel } from '../crypto/key-labels';
import { verifyRecordSignature } from '../crypto/record-signature';
import type { DealingsRecord, Selection } from '../ledger/schemas/dealings';
import type { AbandonedDealingProof } from '../ledger/schemas/proofs';
import type { BundleTerms } from '../ledger/schemas/streams';

/**
 * Makes the proof against a dealer whose dealing the ledger records although the dealer abandoned it.
 *
 * @param abandonment - base64url, the dealer's signature over its `AbandonmentStatement`
 * @throws EkoError `BAD_PROOF` where the ledger records no such dealing
 */
export function newAbandonedDealingProof(input: {
  readonly channel: string;
  readonly bundle: Pick<BundleTerms, 'bundleId' | 'initiator' | 'policy' | 'requestTxId' | 'policyHash'>;
  /** What the ledger records, at least of this dealer. */
  readonly record: Pick<DealingsRecord, 'epoch' | 'fence' | 'dealings'> & {
    readonly selection: Pick<Selection, 'witnesses'>;
  };
  readonly dealer: string;
  readonly dealingId: string;
  readonly abandonment: string;
}): AbandonedDealingProof {
  const { channel, bundle, record, dealer, dealingId, abandonment } = input;
  const dealing = record.dealings.find(
    (recorded) => recorded.dealer === dealer && recorded.dealingId === dealingId,
  );
  if (dealing === undefined) throw new EkoError('BAD_PROOF', 'The ledger records another dealing');
  const { epoch, fence, selection } = record;
  const holders = holdersOf(bundle, selection);
  const statement = dealingStatement({ channel, bundle, epoch, fence, holders, dealing });
  return { kind: 'abandoned-dealing', statement, signature: dealing.signature, abandonment };
}

/**
 * Checks a proof against a dealer from itself and the dealer's registered `sign` keys: no ledger, no network.
 *
 * @param keys - base64url, those that the registry has or had for the dealer: it may have changed its key between the
 *   two signatures
 * @returns the dealer that is shown to have signed the same dealing for the ledger and as abandoned
 * @throws EkoError `BAD_SIGNATURE` naming the signature that does not hold
 * @see docs/protocol.md, "3. Dealing"
 */
export function verifyAbandonedDealingProof(
  proof: AbandonedDealingProof,
  keys: { readonly dealerKeys: readonly string[] },
  verify?: SignatureVerifier,
): string {
  const { statement, signature, abandonment } = proof;
  const isSigned = (label: SignatureLabel, record: unknown, signed: string): boolean =>
    keys.dealerKeys.some((key) => {
      try {
        verifyRecordSignature(label, record, signed, key, verify);
        return true;
      } catch (error) {
        if (isEkoError(error, 'BAD_SIGNATURE')) return false;
        throw error;
      }
    });
  if (!isSigned(LABELS.dealingSignature, statement, signature))
    throw new EkoError('BAD_SIGNATURE', 'The dealer has not signed this dealing for the ledger');
  if (!isSigned(LABELS.abandonmentSignature, abandonmentStatement(statement), abandonment))
    throw new EkoError('BAD_SIGNATURE', 'The dealer has not signed that it gave this dealing up');
  return statement.dealer;
}
