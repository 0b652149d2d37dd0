import { CatchUp } from '../ledger/catch-up';
import { superviseEvents, type SupervisedEvents } from '../ledger/event-supervisor';
import type { LedgerView } from '../ledger/ledger-view';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import type { ClientStore, StoredClient } from './client-store';
import { LedgerMemory, refuseOtherParty } from './ledger-memory';
import type { LedgerReactions } from './ledger-reactions';

/** A client's one subscription to the ledger: from its first block, or from where a store says. */
export class FollowedLedger {
  readonly #context: ClientContext;
  readonly #stored: StoredClient | undefined;
  readonly #catchUp = new CatchUp();
  readonly #memory: LedgerMemory | undefined;
  readonly #supervised: SupervisedEvents;
  readonly #ended: Promise<void>;

  /**
   * Takes in what the store has, then follows the ledger from there.
   *
   * @throws EkoError `INVALID_CONFIG` for the store of another party
   */
  constructor(
    context: ClientContext,
    reactions: LedgerReactions,
    store: ClientStore | undefined,
    stored: StoredClient | undefined,
  ) {
    this.#context = context;
    this.#stored = stored;
    refuseOtherParty(stored, context.keys.nodeId);
    if (store !== undefined)
      this.#memory = new LedgerMemory(context, store, stored, (bundleId) => reactions.owedOf(bundleId));
    if (stored !== undefined) {
      reactions.restore(stored.bundles);
    }
    this.#supervised = superviseEvents({
      ledger: context.ledger,
      consumer: {
        checkpoint: () => Promise.resolve(stored?.checkpoint),
        apply: (event, checkpoint) => {
          reactions.apply(event);
          this.#memory?.note(event, checkpoint);
          this.#catchUp.observe(event.txId);
          return Promise.resolve();
        },
      },
      signal: context.closing,
      onTrouble: (error) => {
        reportTrouble(context, error, 'Following the ledger');
      },
      now: () => context.clock.monotonicMs(),
    });
    this.#ended = this.#supervised.finished.catch((error: unknown) => {
      reportTrouble(context, error, 'Following the ledger');
    });
  }

  /** How far this process has seen the ledger advance. */
  get view(): LedgerView {
    return this.#supervised.view;
  }

  /**
   * Resolves once all has been seen that was on the ledger when this was called.
   *
   * @throws EkoError `INVALID_CONFIG` for a store of another ledger, what ended the subscription, those of `Ledger`
   */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const { ledger, keys, closing } = this.#context;
    const until = AbortSignal.any([signal, closing]);
    const proved = this.#catchUp.prove(ledger, { nodeId: keys.nodeId }, until, this.#stored?.checkpoint);
    await Promise.race([proved, this.#supervised.finished.then(() => proved)]);
  }

  /** Waits for the subscription to end, which the client's closing does, and writes what is not stored yet. */
  async close(): Promise<void> {
    await this.#ended;
    await this.#memory?.close();
  }
}
