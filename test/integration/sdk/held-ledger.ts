import { once } from 'node:events';
import {
  TRANSACTIONS,
  type BundleView,
  type LedgerEvent,
  type TransactionName,
  type TransactionArgument,
  type TransactionResult,
} from '@eko/protocol/ledger';
import type { CallLimits, Committed, Ledger } from '@eko/sdk';

/** A ledger as a peer that lags behind shows it: what was not seen before `hold` is neither told nor read until `release`. */
export class HeldLedger implements Ledger {
  readonly #ledger: Ledger;
  readonly #changes = new EventTarget();
  #isHeld = false;
  /** Lets reads see what is held back from events, as a peer whose event service is late. */
  readsAreNew = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get channel(): string {
    return this.#ledger.channel;
  }

  get chaincode(): string {
    return this.#ledger.chaincode;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#changes.dispatchEvent(new Event('released'));
  }

  submit<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits?: CallLimits,
  ): Promise<Committed<TransactionResult<Name>>> {
    return this.#ledger.submit(name, argument, limits);
  }

  async evaluate<Name extends TransactionName>(
    name: Name,
    argument: TransactionArgument<Name>,
    limits?: CallLimits,
  ): Promise<TransactionResult<Name>> {
    const result = await this.#ledger.evaluate(name, argument, limits);
    const isOld = name === TRANSACTIONS.readBundle && this.#isHeld && !this.readsAreNew;
    return isOld ? { ...(result as BundleView), ends: [] } : result;
  }

  async *events(options: Parameters<Ledger['events']>[0]): AsyncIterable<LedgerEvent> {
    for await (const event of this.#ledger.events(options)) {
      while (this.#isHeld) await once(this.#changes, 'released', { signal: options.signal });
      yield event;
    }
  }

  close(): void {
    this.#ledger.close();
  }
}
