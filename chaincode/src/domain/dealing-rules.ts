import { EkoError, isEkoError } from '@eko/protocol';
import {
  LABELS,
  dealingStatement,
  verifyRecordSignature,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { type BundleRecord, type Dealing, type NodeRecord } from '@eko/protocol/ledger';

/** Dealings of one epoch, with what they are checked against. */
export interface SubmittedDealings {
  readonly channel: string;
  readonly bundle: BundleRecord;
  readonly epoch: number;
  readonly fence: number;
  /** In the order that envelopes follow. */
  readonly holders: readonly string[];
  /** Records of the assigned orchestrators, in the order of their assignment. */
  readonly dealers: readonly NodeRecord[];
  readonly dealings: readonly Dealing[];
}

/**
 * Checks the dealings of a bundle: one of each assigned orchestrator in their order, one envelope for each holder, no
 * dealing twice, and each signed by its dealer.
 *
 * @throws EkoError `INVALID_COMMITMENTS`, `BAD_SIGNATURE`, each naming the dealer
 * @see docs/protocol.md, "3. Dealing"
 */
export function verifyDealings(submitted: SubmittedDealings, verify: SignatureVerifier): void {
  const { holders, dealers, dealings } = submitted;
  if (dealings.length !== dealers.length)
    throw new EkoError('INVALID_COMMITMENTS', `${dealers.length} dealings are due, not ${dealings.length}`, {
      details: { needed: dealers.length, received: dealings.length },
    });
  dealers.forEach((dealer, place) => {
    const dealing = dealings[place];
    const refuse = refusalFor(dealer.nodeId);
    if (dealing?.dealer !== dealer.nodeId) throw refuse('is missing at its place');
    if (dealing.envelopes.length !== holders.length)
      throw refuse(`has ${dealing.envelopes.length} envelopes for ${holders.length} holders`);
    if (dealings.findIndex(({ dealingId }) => dealingId === dealing.dealingId) !== place)
      throw refuse('repeats the ID of another');
    verifyDealing(dealing, dealer, submitted, verify);
  });
}

function verifyDealing(
  dealing: Dealing,
  dealer: NodeRecord,
  submitted: SubmittedDealings,
  verify: SignatureVerifier,
): void {
  const { signature, ...signed } = dealing;
  const statement = dealingStatement({ ...submitted, dealing: signed });
  try {
    verifyRecordSignature(LABELS.dealingSignature, statement, signature, dealer.keys.sign, verify);
  } catch (error) {
    if (!isEkoError(error, 'BAD_SIGNATURE')) throw error;
    throw new EkoError('BAD_SIGNATURE', `The signature of ${dealer.nodeId} over its dealing does not hold`, {
      details: { dealer: dealer.nodeId },
    });
  }
}

const refusalFor = (dealer: string) => (why: string) =>
  new EkoError('INVALID_COMMITMENTS', `The dealing of ${dealer} ${why}`, { details: { dealer } });
