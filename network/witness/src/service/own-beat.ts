import { isEkoError } from '@eko/protocol';
import { TRANSACTIONS, type ReceiptHead } from '@eko/protocol/ledger';
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
  readonly observer: { warned(code: string): void };
}

/**
 * Lets a witness see for itself how the ledger stands where nobody tells it: only the asking party's organisation gives
 * heartbeats, or those of the others are down. A heartbeat of its own that comes back shows the ledger as it was when it
 * was sent.
 */
export class OwnBeat {
  readonly #deps: OwnBeatDeps;
  #underWay: Promise<void> | undefined;

  constructor(deps: OwnBeatDeps) {
    this.#deps = deps;
  }

  /** Waits for a view that counts for a party of this organisation; whether there is one then, the caller decides. */
  async freshen(partyMsp: string): Promise<void> {
    const { beats, bounds, moment, waitMs } = this.#deps;
    const isFresh = (): boolean => isPresent(moment(partyMsp), bounds);
    if (isFresh()) return;
    const underWay =
      this.#underWay ??
      this.#beat().finally(() => {
        this.#underWay = undefined;
      });
    this.#underWay = underWay;
    await Promise.all([underWay, beats.until(isFresh, waitMs)]);
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
