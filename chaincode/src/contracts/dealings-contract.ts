import { Info } from 'fabric-contract-api';
import { attestDestruction } from '../domain/attest-destruction';
import { recordDealings } from '../domain/record-dealings';
import { authorizeRelease } from '../domain/release-permits';
import type { PeerClock } from '../ledger/clock-guard';
import { EkoContract, defineTransactions } from './eko-contract';

/**
 * What happens to keys: dealt, collected again, destroyed.
 * @see docs/protocol.md, "3. Dealing", "4. Release" and "6. The end"
 */
@Info({
  title: 'dealings',
  description: 'Dealings with their draw of witnesses, release permits, destruction',
})
export class DealingsContract extends EkoContract {
  constructor(clock?: PeerClock) {
    super('dealings', clock);
  }
}

defineTransactions(DealingsContract, 'dealings', {
  submit: { recordDealings, authorizeRelease, attestDestruction },
  evaluate: {},
});
