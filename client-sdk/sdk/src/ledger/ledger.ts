import type {
  LedgerEvent,
  LedgerPosition,
  TransactionName,
  TransactionArgument,
  TransactionResult,
} from '@eko/protocol/ledger';
import type { CallLimits } from '../pacing/deadline';

/** What came of a committed transaction. */
export interface Committed<Result> {
  /** The transaction's ID, 64 hexadecimal digits. */
  readonly txId: string;
  /** The block that holds it. */
  readonly blockNumber: bigint;
  /** What the contract answered, checked against its schema. */
  readonly result: Result;
}

/** A place on one ledger up to which its events have been dealt with. */
export interface Checkpoint extends LedgerPosition {
  /** The channel that it belongs to. */
  readonly channel: string;
  /** The chaincode that it belongs to. */
  readonly chaincode: string;
}

/** An event as it came, before anybody has read it. */
export interface RawLedgerEvent extends LedgerPosition {
  /** As the contract set it: one of `EVENTS`, unless the peer is at fault. */
  readonly name: string;
  /** Canonical JSON in UTF-8, unless the peer is at fault. */
  readonly payload: Uint8Array;
}

/** An event that its reader did not want: only its place is known. */
export interface PassedEvent extends LedgerPosition {
  /** Tells it from every event of the ledger. */
  readonly name: 'passed';
}

/** From where to read the ledger's events, and which. */
export interface EventOptions {
  /** The last event that was dealt with: what comes after it is read. Without it, all events of the channel are. */
  readonly after?: LedgerPosition | undefined;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * The ledger as all of EKO sees it. One production adapter (`connectGatewayLedger`), one fake for unit tests.
 *
 * Arguments leave as canonical JSON; results and event payloads come back checked against their schemas.
 */
export interface Ledger {
  /** Name of the channel. */
  readonly channel: string;
  /** Name of the chaincode on it. */
  readonly chaincode: string;

  /**
   * Submits a transaction and waits until it is committed as valid.
   *
   * @throws EkoError the contract's own code; `LEDGER_CONFLICT`, `DUPLICATE_TRANSACTION`, `LEDGER_UNAVAILABLE`,
   *   `DEADLINE_EXCEEDED`, `CANCELLED`; `COMMIT_UNKNOWN` (details.txId) where the transaction may still commit
   */
  submit<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits?: CallLimits,
  ): Promise<Committed<TransactionResult<Name>>>;

  /**
   * Runs a transaction on one peer without recording it: the way to read.
   *
   * @throws EkoError as `submit`, except for what only a commit can bring
   */
  evaluate<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits?: CallLimits,
  ): Promise<TransactionResult<Name>>;

  /**
   * The chaincode's events in ledger order, from the first block or after `after`, until `signal` aborts (which ends the
   * iteration without an error). Delivery is at least once; `superviseEvents` reconnects and drops doubles.
   *
   * @throws EkoError `LEDGER_UNAVAILABLE` when the subscription breaks, `CORRUPT_RECORD` for a payload that does not fit
   */
  events(options: EventOptions): AsyncIterable<LedgerEvent>;
  /** As above, where events that are not wanted need not be read: those come as `passed`, whatever they hold. */
  events(
    options: EventOptions & { readonly isWanted: ((event: RawLedgerEvent) => boolean) | undefined },
  ): AsyncIterable<LedgerEvent | PassedEvent>;

  /** Closes connections; calls under way fail with `LEDGER_UNAVAILABLE` or `CANCELLED`. */
  close(): void;
}
