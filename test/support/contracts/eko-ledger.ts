import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { type TransactionName } from '@eko/protocol/ledger';
import {
  createContractHarness,
  type ContractClass,
  type ContractHarness,
  type HarnessIdentity,
  type HarnessIdentityRequest,
  type HarnessOutcome,
  type PreparedTransaction,
} from '@eko/embedded-ledger';
import { DealingsContract, RegistryContract, StreamsContract, type PeerClock } from '@eko/chaincode';

/** The channel of every test. */
export const CHANNEL = 'eko-test';

/** A transaction as it was submitted, with what became of it. */
export interface RecordedStep {
  readonly as: HarnessIdentity;
  readonly transaction: TransactionName;
  readonly argument: string;
  readonly nowUnixMs: number;
  readonly outcome: HarnessOutcome;
}

/** A ledger that runs the EKO contracts in memory, with a clock that tests move. Each transaction runs twice. */
export class EkoLedger {
  readonly harness: ContractHarness;
  /** What submitters put on their transactions. */
  nowUnixMs = 1_800_000_000_000;
  /** How far the peers' clocks are ahead of the submitters'. */
  peerAheadMs = 0;
  /** Everything that was submitted, in order. */
  readonly steps: RecordedStep[] = [];

  /** @param organisations - who endorses; two, so that runs are compared, unless one is enough */
  constructor(organisations: readonly string[] = ['Org1MSP', 'Org2MSP']) {
    this.harness = createContractHarness({
      contracts: contractsAt(() => this.nowUnixMs + this.peerAheadMs),
      channel: CHANNEL,
      organisations,
      now: () => new Date(this.nowUnixMs),
    });
  }

  /** Moves the clock on. */
  advance(milliseconds: number): void {
    this.nowUnixMs += milliseconds;
  }

  /** A fresh identity of an organisation. */
  identity(request: HarnessIdentityRequest): Promise<HarnessIdentity> {
    return this.harness.identity(request);
  }

  /** Submits with an argument in canonical form. */
  submit(as: HarnessIdentity, transaction: TransactionName, argument: object): Promise<HarnessOutcome> {
    return this.submitRaw(as, transaction, encodeCanonicalJson(argument));
  }

  /** Submits a text as it is. */
  async submitRaw(
    as: HarnessIdentity,
    transaction: TransactionName,
    argument: string,
  ): Promise<HarnessOutcome> {
    const { nowUnixMs } = this;
    const outcome = await this.harness.as(as).submit(transaction, argument);
    this.steps.push({ as, transaction, argument, nowUnixMs, outcome });
    return outcome;
  }

  /** Endorses, to commit after something else has been. */
  prepare(as: HarnessIdentity, transaction: TransactionName, argument: object): Promise<PreparedTransaction> {
    return this.harness.as(as).prepare(transaction, encodeCanonicalJson(argument));
  }

  /** Asks. */
  evaluate(as: HarnessIdentity, transaction: TransactionName, argument: object): Promise<HarnessOutcome> {
    return this.harness.as(as).evaluate(transaction, encodeCanonicalJson(argument));
  }

  /** The committed record at a key, or `undefined`. */
  recordAt(key: string): unknown {
    const text = this.harness.stateOf(key);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

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
