import { ERROR_CODES, EkoError, isEkoError } from '@eko/protocol';
import type { LedgerEvent, LedgerPosition } from '@eko/protocol/ledger';
import { backoffMs, pause, type Pause } from '../pacing/backoff';
import { isAborted } from '../pacing/deadline';
import type { Checkpoint, Ledger, RawLedgerEvent } from './ledger';
import { AdvancingLedgerView, monotonicNow, type LedgerView, type MonotonicClock } from './ledger-view';

const RECONNECT_BACKOFF = { firstMs: 100, mostMs: 5_000 };

/** Who takes the events. Effect and checkpoint must be written in one step: then each event counts exactly once. */
export interface EventConsumer {
  /** The last checkpoint written, `undefined` to start at the first block. */
  checkpoint(): Promise<Checkpoint | undefined>;
  /** Takes one event and remembers `checkpoint` with its effect, or does neither and throws. */
  apply(event: LedgerEvent, checkpoint: Checkpoint): Promise<void>;
  /** How it passes over what is not its own; without it, it is given every event. */
  readonly passing?: {
    /** Tells from an event's bytes whether it must be given; `false` is a proof that applying it would change nothing. */
    isWanted(event: RawLedgerEvent): boolean;
    /** Remembers, sooner or later, that there is nothing more to do up to here: what came between was not wanted. */
    pass(checkpoint: Checkpoint): Promise<void>;
  };
}

/** What `superviseEvents` takes. */
export interface EventSupervision {
  readonly ledger: Ledger;
  readonly consumer: EventConsumer;
  /** Ends the supervision. */
  readonly signal: AbortSignal;
  /** Told of each failure that leads to a new attempt. */
  readonly onTrouble?: (error: EkoError, attempt: number) => void;
  readonly pause?: Pause;
  readonly now?: MonotonicClock;
}

/** A supervision under way. */
export interface SupervisedEvents {
  readonly view: LedgerView;
  /**
   * Resolves when `signal` aborted or the ledger was closed. Rejects with what no new attempt can mend: a checkpoint of
   * another ledger (`INVALID_CONFIG`), a payload that does not fit (`CORRUPT_RECORD`), a consumer's own failure.
   */
  readonly finished: Promise<void>;
}

/**
 * Feeds a consumer with every event of the chaincode, in order, each once: resumes from the consumer's checkpoint,
 * subscribes again with growing, jittered pauses when the subscription breaks, and drops doubles and replays of old
 * blocks by their position.
 */
export function superviseEvents(supervision: EventSupervision): SupervisedEvents {
  const view = new AdvancingLedgerView(supervision.now ?? monotonicNow);
  return { view, finished: supervise(supervision, view) };
}

async function supervise(supervision: EventSupervision, view: AdvancingLedgerView): Promise<void> {
  const { ledger, consumer, signal, onTrouble } = supervision;
  const checkpoint = await consumer.checkpoint();
  if (checkpoint !== undefined) refuseForeign(checkpoint, ledger);
  const progress = new Progress(checkpoint);
  for (let attempt = 1; !isAborted(signal); attempt += 1) {
    try {
      const { passing } = consumer;
      const isWanted = passing === undefined ? undefined : passing.isWanted.bind(passing);
      for await (const event of ledger.events({ after: progress.last, signal, isWanted })) {
        view.observe(event.blockNumber);
        if (progress.covers(event)) continue;
        const { blockNumber, txId } = event;
        const next = { channel: ledger.channel, chaincode: ledger.chaincode, blockNumber, txId };
        if (event.name !== 'passed') await consumer.apply(event, next);
        else await passing?.pass(next);
        progress.advance(next);
        attempt = 1;
      }
      return;
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isEkoError(error) || ERROR_CODES[error.code].blame !== 'unavailable') throw error;
      onTrouble?.(error, attempt);
      await (supervision.pause ?? pause)(backoffMs(attempt, RECONNECT_BACKOFF), signal);
    }
  }
}

function refuseForeign(checkpoint: Checkpoint, ledger: Ledger): void {
  if (checkpoint.channel === ledger.channel && checkpoint.chaincode === ledger.chaincode) return;
  throw new EkoError(
    'INVALID_CONFIG',
    `The checkpoint belongs to ${checkpoint.channel}/${checkpoint.chaincode}, not to ${ledger.channel}/${ledger.chaincode}; remove the store to start anew`,
  );
}

/** Up to where events were taken. A transaction has one event, so block and transaction ID name it. */
class Progress {
  #last: Checkpoint | undefined;
  /** Transactions of the last block whose events were taken; their order within it is the ledger's. */
  readonly #taken = new Set<string>();

  constructor(checkpoint: Checkpoint | undefined) {
    this.#last = checkpoint;
    if (checkpoint !== undefined) this.#taken.add(checkpoint.txId);
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  covers(event: LedgerPosition): boolean {
    if (this.#last === undefined || event.blockNumber > this.#last.blockNumber) return false;
    return event.blockNumber < this.#last.blockNumber || this.#taken.has(event.txId);
  }

  advance(to: Checkpoint): void {
    if (this.#last?.blockNumber !== to.blockNumber) this.#taken.clear();
    this.#taken.add(to.txId);
    this.#last = to;
  }
}
