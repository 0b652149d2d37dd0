import { isEkoError } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, type LedgerEvent, type ReceiptHead } from '@eko/protocol/ledger';
import type { SeenBeats } from '@eko/node-kit';
import type { Ledger } from '@eko/sdk';
import { isPresent, type ReleaseBounds, type ReleaseMoment } from '../core/decide-release';

/** What a witness needs to look at the ledger by itself. */
export interface OwnBeatDeps {
  readonly nodeId: string;
  readonly ledger: Pick<Ledger, 'submit'>;
  readonly beats: SeenBeats;
  readonly bounds: ReleaseBounds;
  readonly moment: (partyMsp: string) => ReleaseMoment;
  /** How far this witness's receipts have come, as its heartbeat says. */
  readonly receiptHead: () => ReceiptHead;
  /** How long a request may wait for it. */
  readonly waitMs: number;
  readonly monotonicMs: () => number;
  /** Receipts that the witness has not shown itself for so long, it shows. */
  readonly showReceiptsMs: number;
  readonly observer: { warned(code: string): void };
}

/**
 * Lets a witness see for itself how the ledger stands where nobody tells it: only the asking party's organisation gives
 * heartbeats, or those of the others are down. A heartbeat of its own that comes back shows the ledger as it was when it
 * was sent.
 *
 * And shows how far its receipts have come, where it has not said so itself for a while: what others submit of its
 * attestations the ledger holds against nothing.
 */
export class OwnBeat {
  readonly #deps: OwnBeatDeps;
  #underWay: Promise<void> | undefined;
  /** How many receipts the ledger knows by this witness's own word, and since when more are owed to it. */
  #shownNumber: number;
  #shownAtMs: number;

  constructor(deps: OwnBeatDeps) {
    this.#deps = deps;
    // It has beaten when it caught up with the ledger.
    this.#shownNumber = deps.receiptHead().number;
    this.#shownAtMs = deps.monotonicMs();
  }

  /** Takes an event of the ledger: what this witness says there of its receipts. */
  apply(event: LedgerEvent): void {
    const { nodeId, monotonicMs } = this.#deps;
    const said = saidBy(event, nodeId);
    if (said === undefined) return;
    this.#shownNumber = Math.max(this.#shownNumber, said.number);
    this.#shownAtMs = monotonicMs();
  }

  /** Shows the receipts if it is time to. */
  async showReceipts(): Promise<void> {
    const { receiptHead, monotonicMs, showReceiptsMs } = this.#deps;
    const isShown = receiptHead().number <= this.#shownNumber;
    if (isShown || monotonicMs() - this.#shownAtMs < showReceiptsMs || this.#underWay !== undefined) return;
    // Whatever becomes of it, not at every tick.
    this.#shownAtMs = monotonicMs();
    await this.#beatOnce();
  }

  /** Waits for a view that counts for a party of this organisation; whether there is one then, the caller decides. */
  async freshen(partyMsp: string): Promise<void> {
    const { beats, bounds, moment, waitMs } = this.#deps;
    const isFresh = (): boolean => isPresent(moment(partyMsp), bounds);
    if (isFresh()) return;
    await Promise.all([this.#beatOnce(), beats.until(isFresh, waitMs)]);
  }

  #beatOnce(): Promise<void> {
    this.#underWay ??= this.#beat().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #beat(): Promise<void> {
    const { nodeId, ledger, receiptHead, waitMs, observer } = this.#deps;
    try {
      await ledger.submit(
        TRANSACTIONS.heartbeat,
        { nodeId, receipts: receiptHead() },
        { deadlineMs: waitMs },
      );
    } catch (error) {
      if (!isEkoError(error)) throw error;
      observer.warned(error.code);
    }
  }
}

/** What a witness's own transaction says of its receipts. */
function saidBy(event: LedgerEvent, nodeId: string): ReceiptHead | undefined {
  if (event.name === EVENTS.heartbeat)
    return event.payload.nodeId === nodeId ? event.payload.receipts : undefined;
  if (event.name !== EVENTS.destructionAttested || event.payload.record.by !== nodeId) return undefined;
  return event.payload.record.attestations.find((each) => each.nodeId === nodeId)?.receipts;
}
