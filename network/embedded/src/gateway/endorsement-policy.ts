import { BoundedMap } from '@eko/protocol/encoding';
import { AccessDenied, type Membership } from '@eko/msp';
import type { Endorsement, Transaction } from '../messages/transaction';

/** How many transactions may be between endorsement and commit and still need no second look at their signatures. */
const MAX_REMEMBERED = 10_000;

interface OwnEndorsements {
  readonly responsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}

/** Fabric's default: more than half of the channel's organisations have endorsed. */
export class MajorityPolicy {
  /** How many organisations are enough. */
  readonly needed: number;
  readonly #membership: Membership;
  /** What this process has signed itself, by transaction. */
  readonly #own = new BoundedMap<string, OwnEndorsements>(MAX_REMEMBERED);

  constructor(membership: Membership, organisations: number) {
    this.#membership = membership;
    this.needed = Math.floor(organisations / 2) + 1;
  }

  /** Remembers endorsements that were made here, so that they need not be verified when they come back unchanged. */
  remember(txId: string, own: OwnEndorsements): void {
    this.#own.set(txId, own);
  }

  /** Tells whether enough organisations' peers signed what the transaction says. */
  isSatisfied(transaction: Transaction): boolean {
    const { txId, responsePayload, endorsements } = transaction;
    const own = this.#own.get(txId);
    this.#own.delete(txId);
    if (own !== undefined && isUnchanged(own, transaction)) return endorsements.length >= this.needed;
    const endorsing = new Set<string>();
    for (const { endorser, signature } of endorsements) {
      const mspId = this.#verify(endorser, Buffer.concat([responsePayload, endorser]), signature);
      if (mspId !== undefined) endorsing.add(mspId);
    }
    return endorsing.size >= this.needed;
  }

  #verify(endorser: Uint8Array, message: Uint8Array, signature: Uint8Array): string | undefined {
    try {
      const member = this.#membership.authenticate(endorser, message, signature);
      return member.role === 'peer' ? member.mspId : undefined;
    } catch (error) {
      if (error instanceof AccessDenied) return undefined;
      throw error;
    }
  }
}

/** Organisations endorse once each, so that unchanged endorsements are as many organisations. */
function isUnchanged(own: OwnEndorsements, { responsePayload, endorsements }: Transaction): boolean {
  return (
    own.endorsements.length === endorsements.length &&
    Buffer.compare(own.responsePayload, responsePayload) === 0 &&
    own.endorsements.every(({ endorser, signature }, index) => {
      const other = endorsements[index];
      return (
        other !== undefined &&
        Buffer.compare(endorser, other.endorser) === 0 &&
        Buffer.compare(signature, other.signature) === 0
      );
    })
  );
}
