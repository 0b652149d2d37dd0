import { createHash } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import {
  type LedgerEvent,
  type LedgerPosition,
  type TransactionName,
  type TransactionArgument,
  type TransactionResult,
} from '@eko/protocol/ledger';
import type { CallLimits, Committed, Ledger } from '@eko/sdk';

/** What a fake transaction does: answers, and says which event it emits. Throws an `EkoError` to refuse. */
export type FakeTransaction = (
  argument: never,
  call: { readonly txId: string; readonly blockNumber: bigint },
) => { readonly result: unknown; readonly event?: Pick<LedgerEvent, 'name' | 'payload'> };

interface Subscription {
  next: number;
  fail: (error: EkoError) => void;
  wake: () => void;
}

/** A transaction ID made from any text. */
export function txIdOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * A ledger in memory: one block a transaction, events in order to any number of subscriptions, faults on demand.
 */
export class FakeLedger implements Ledger {
  readonly channel = 'testchannel';
  readonly chaincode = 'eko';
  readonly log: LedgerEvent[] = [];
  readonly calls: { readonly name: TransactionName; readonly argument: unknown }[] = [];
  readonly #handlers = new Map<TransactionName, FakeTransaction>();
  readonly #subscriptions = new Set<Subscription>();
  #height = 0n;
  #closed = false;

  /** Says what a transaction does from now on. */
  handle(name: TransactionName, transaction: FakeTransaction): this {
    this.#handlers.set(name, transaction);
    return this;
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  submit<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits: CallLimits = {},
  ): Promise<Committed<TransactionResult<Name>>> {
    return this.#run(name, argument, limits, true);
  }

  async evaluate<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits: CallLimits = {},
  ): Promise<TransactionResult<Name>> {
    return (await this.#run(name, argument, limits, false)).result;
  }

  /** Puts an event on the ledger, in a block of its own unless `blockNumber` says another. */
  emit(
    event: Pick<LedgerEvent, 'name' | 'payload'>,
    position: LedgerPosition = this.nextPosition(event.name),
  ): LedgerPosition {
    this.#height = position.blockNumber > this.#height ? position.blockNumber : this.#height;
    this.log.push({ ...position, ...event } as LedgerEvent);
    for (const subscription of this.#subscriptions) subscription.wake();
    return position;
  }

  /** The position that the next transaction gets. */
  nextPosition(seed = ''): LedgerPosition {
    const blockNumber = this.#height + 1n;
    return { blockNumber, txId: txIdOf(`${blockNumber} ${seed}`) };
  }

  /** Breaks every subscription, as a peer does that restarts. */
  breakSubscriptions(): void {
    for (const { fail } of this.#subscriptions) fail(new EkoError('LEDGER_UNAVAILABLE', 'The peer is gone'));
  }

  /** Sends every subscription the whole ledger once more. */
  replay(): void {
    for (const subscription of this.#subscriptions) {
      subscription.next = 0;
      subscription.wake();
    }
  }

  async *events(options: {
    readonly after?: LedgerPosition | undefined;
    readonly signal: AbortSignal;
  }): AsyncGenerator<LedgerEvent> {
    const { after, signal } = options;
    let failure: EkoError | undefined;
    let wake: () => void = () => undefined;
    const subscription: Subscription = {
      next: after === undefined ? 0 : this.#indexAfter(after),
      fail: (error) => {
        failure = error;
        wake();
      },
      wake: () => {
        wake();
      },
    };
    const onAbort = () => {
      wake();
    };
    signal.addEventListener('abort', onAbort);
    this.#subscriptions.add(subscription);
    try {
      for (;;) {
        if (signal.aborted || this.#closed) return;
        if (failure !== undefined) throw failure;
        const event = this.log[subscription.next];
        if (event !== undefined) {
          subscription.next += 1;
          yield event;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#subscriptions.delete(subscription);
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.wake();
  }

  #indexAfter(position: LedgerPosition): number {
    const at = this.log.findIndex(
      ({ blockNumber, txId }) => blockNumber === position.blockNumber && txId === position.txId,
    );
    return at === -1 ? this.log.findIndex(({ blockNumber }) => blockNumber > position.blockNumber) : at + 1;
  }

  async #run<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits: CallLimits,
    commits: boolean,
  ): Promise<Committed<TransactionResult<Name>>> {
    encodeCanonicalJson(argument);
    await Promise.resolve();
    if (this.#closed) throw new EkoError('LEDGER_UNAVAILABLE', 'The ledger connection was closed');
    if (limits.signal?.aborted === true) throw new EkoError('CANCELLED', `${name} was cancelled`);
    this.calls.push({ name, argument });
    const handler = this.#handlers.get(name);
    if (handler === undefined) throw new EkoError('INTERNAL', `The fake ledger does not know ${name}`);
    const position = this.nextPosition(`${name} ${this.calls.length}`);
    const { result, event } = handler(argument as never, position);
    if (commits) {
      this.#height = position.blockNumber;
      if (event !== undefined) this.emit(event, position);
    }
    return { ...position, result };
  }
}
