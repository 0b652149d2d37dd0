import type { Membership } from '../identity/membership';
import { AccessDenied } from '../identity/membership';
import type { Transaction } from '../messages/transaction';

/** Fabric's default: more than half of the channel's organisations have endorsed. */
export class MajorityPolicy {
  readonly #membership: Membership;
  readonly #needed: number;

  constructor(membership: Membership, organisations: number) {
    this.#membership = membership;
    this.#needed = Math.floor(organisations / 2) + 1;
  }

  /** Tells whether enough organisations' peers signed what the transaction says. */
  isSatisfied({ responsePayload, endorsements }: Transaction): boolean {
    const endorsing = new Set<string>();
    for (const { endorser, signature } of endorsements) {
      const mspId = this.#verify(endorser, Buffer.concat([responsePayload, endorser]), signature);
      if (mspId !== undefined) endorsing.add(mspId);
    }
    return endorsing.size >= this.#needed;
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
