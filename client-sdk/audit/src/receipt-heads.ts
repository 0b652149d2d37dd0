import { EVENTS, type LedgerEvent, type ReceiptHead } from '@eko/protocol/ledger';
import type { Placed } from './bundle-history';
import { violationAt, type Act, type Violation } from './violation';

/** What the ledger says of a witness's receipts. */
export interface ShownReceipts {
  /** The log's name, which its first receipt names as the one before. */
  name?: string;
  /** Where the log went on, by number, in the ledger's order. */
  readonly heads: Map<number, Placed<ReceiptHead>>;
  newest?: ReceiptHead;
  /** What the witness last said in a transaction of its own: by that the ledger measures its next one. */
  own?: ReceiptHead;
}

/** How far each witness's receipts have come, by its own word on the ledger. */
export class ReceiptHeads {
  readonly #shown = new Map<string, ShownReceipts>();

  /** What a witness has shown so far. */
  of(witness: string): ShownReceipts | undefined {
    return this.#shown.get(witness);
  }

  /** Those that have shown a receipt, by name. */
  get witnesses(): readonly string[] {
    return [...this.#shown]
      .flatMap(([witness, { newest }]) => (newest === undefined ? [] : [witness]))
      .sort();
  }

  /** How many receipts there are by the ledger, of all witnesses together. */
  get count(): number {
    return [...this.#shown.values()].reduce((sum, { newest }) => sum + (newest?.number ?? 0), 0);
  }

  /** Takes the next event, and judges what it says of witnesses' receipts. */
  apply(event: LedgerEvent, at: Act): readonly Violation[] {
    return saidBy(event).flatMap((said) => this.#take(said, at));
  }

  /**
   * A witness's own transactions come in its order. What others submit of it can be older than what they submitted before:
   * it only has to be of the same log.
   */
  #take({ witness, head, isOwn }: SaidReceipts, at: Act): readonly Violation[] {
    const shown: ShownReceipts = this.#shown.get(witness) ?? { heads: new Map() };
    this.#shown.set(witness, shown);
    const refuse = (rule: 'receipt-fork' | 'receipt-missing', text: string): readonly Violation[] => [
      { ...violationAt(rule, at, undefined, text), receipt: `${witness} #${head.number}` },
    ];
    const sameHash = head.number === 0 ? shown.name : shown.heads.get(head.number)?.record.hash;
    const isBehind = isOwn && shown.own !== undefined && head.number < shown.own.number;
    if (sameHash !== undefined && sameHash !== head.hash && !(isBehind && head.number === 0))
      return refuse('receipt-fork', `${witness} had shown another one of this number before`);
    if (isBehind)
      return refuse(
        'receipt-missing',
        `${witness} had shown receipt ${shown.own?.number ?? 0} before, and now ${head.number}`,
      );
    if (isOwn) shown.own = head;
    if (head.number === 0) shown.name ??= head.hash;
    else if (sameHash === undefined) {
      shown.heads.set(head.number, { record: head, at });
      if (head.number > (shown.newest?.number ?? 0)) shown.newest = head;
    }
    return [];
  }
}

interface SaidReceipts {
  readonly witness: string;
  readonly head: ReceiptHead;
  /** Whether the witness submitted it itself. */
  readonly isOwn: boolean;
}

function saidBy(event: LedgerEvent): readonly SaidReceipts[] {
  if (event.name === EVENTS.heartbeat) {
    const { nodeId: witness, receipts: head } = event.payload;
    return head === undefined ? [] : [{ witness, head, isOwn: true }];
  }
  if (event.name !== EVENTS.destructionAttested) return [];
  const { attestations, by } = event.payload.record;
  return attestations.flatMap(({ nodeId: witness, receipts: head }) =>
    head === undefined ? [] : [{ witness, head, isOwn: witness === by }],
  );
}
