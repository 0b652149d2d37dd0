import {
  FIRST_EPOCH,
  type BundleTerms,
  type RecordDealings,
  type Selection,
  type VrfProof,
} from '@eko/protocol/ledger';
import { LABELS, dealingStatement, holdersOf, verifyRecordSignature } from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import { ed25519 } from '@noble/curves/ed25519';
import { acceptedOr } from '../../support/coded-error';
import { CHANNEL, DEALER_SEED } from '../../support/simulated/dealer-harness';

const DEALER_KEY = encodeBase64Url(ed25519.getPublicKey(DEALER_SEED));

/**
 * A dishonest lead whom dishonest witnesses show every delivery: it tries to have dealings recorded that their dealers
 * have not completed, so that the dealers look as if they had abandoned what they recorded.
 */
export class ForgingLead {
  /** Dealings that a dealer signed as abandoned. */
  readonly abandoned = new Set<string>();
  readonly #seen: EnvelopeDelivery[] = [];

  /** Takes what left a dealer for a witness, whether it arrived or not. */
  see(delivery: EnvelopeDelivery): void {
    this.#seen.push(delivery);
    for (const { dealingId } of delivery.abandoned ?? []) this.abandoned.add(dealingId);
  }

  /** What to submit: of each dealer a dealing that it abandoned, or else its last. `undefined` before all have dealt. */
  argument(place: {
    readonly bundleId: string;
    readonly fence: number;
    readonly assigned: readonly string[];
    readonly proofs: VrfProof[];
  }): RecordDealings | undefined {
    const { bundleId, fence, assigned, proofs } = place;
    const dealings = assigned.flatMap((dealer) => {
      const own = this.#seen.filter((past) => past.fence === fence && past.dealing.dealer === dealer);
      const chosen = own.find(({ dealing }) => this.abandoned.has(dealing.dealingId)) ?? own.at(-1);
      return chosen === undefined ? [] : [{ ...chosen.dealing, signature: chosen.signature }];
    });
    if (dealings.length < assigned.length) return undefined;
    return { bundleId, epoch: FIRST_EPOCH, fence, proofs, dealings };
  }
}

/** Whether the simulated dealers signed these dealings, as the chaincode has it. */
export function isSignedForLedger(
  bundle: BundleTerms,
  { epoch, fence, dealings }: RecordDealings,
  selection: Selection,
): boolean {
  const place = { channel: CHANNEL, bundle, epoch, fence, holders: holdersOf(bundle, selection) };
  return dealings.every((dealing) => {
    const statement = dealingStatement({ ...place, dealing });
    const { signature } = dealing;
    return acceptedOr(() => {
      verifyRecordSignature(LABELS.dealingSignature, statement, signature, DEALER_KEY, verifyEd25519OnNode);
      return true;
    });
  });
}
