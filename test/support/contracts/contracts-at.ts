import { DealingsContract, RegistryContract, StreamsContract, type PeerClock } from '@eko/chaincode';
import type { ContractClass } from '@eko/embedded-ledger';

/** The contracts as peers run them whose clock is `clock`. */
export function contractsAt(clock: PeerClock): ContractClass[] {
  return [
    class extends RegistryContract {
      constructor() {
        super(clock);
      }
    },
    class extends StreamsContract {
      constructor() {
        super(clock);
      }
    },
    class extends DealingsContract {
      constructor() {
        super(clock);
      }
    },
  ];
}
