import { AttestDestruction, AuthorizeRelease, RecordDealings } from '@eko/protocol/ledger';
import { Context, Contract, Info, Returns, Transaction } from 'fabric-contract-api';
import { attestDestruction } from '../domain/attest-destruction';
import { recordDealings } from '../domain/record-dealings';
import { authorizeRelease } from '../domain/release-permits';
import { AGE_SKEW, peerClock, type PeerClock } from '../ledger/clock-guard';
import { transact } from './transact';

/**
 * What happens to keys: dealt, collected again, destroyed.
 * @see docs/protocol.md, "3. Dealing", "4. Release" and "6. The end"
 */
@Info({
  title: 'dealings',
  description: 'Dealings with their draw of witnesses, release permits, destruction',
})
export class DealingsContract extends Contract {
  private readonly clock: PeerClock;

  constructor(clock: PeerClock = peerClock) {
    super('dealings');
    this.clock = clock;
  }

  /** Records all dealings of a bundle with the draw of its witnesses; its streams are active with it. */
  @Transaction()
  @Returns('string')
  async RecordDealings(ctx: Context, argument: string): Promise<string> {
    // The record is the first permit of both parties.
    const signature = { name: 'RecordDealings', argument: RecordDealings, clockSkew: AGE_SKEW };
    return transact(ctx, this.clock, signature, argument, recordDealings);
  }

  /** Leave for a party to collect shares once more. */
  @Transaction()
  @Returns('string')
  async AuthorizeRelease(ctx: Context, argument: string): Promise<string> {
    const signature = { name: 'AuthorizeRelease', argument: AuthorizeRelease, clockSkew: AGE_SKEW };
    return transact(ctx, this.clock, signature, argument, authorizeRelease);
  }

  /** A holder's word that what it held is gone. */
  @Transaction()
  @Returns('string')
  async AttestDestruction(ctx: Context, argument: string): Promise<string> {
    const signature = { name: 'AttestDestruction', argument: AttestDestruction };
    return transact(ctx, this.clock, signature, argument, attestDestruction);
  }
}
