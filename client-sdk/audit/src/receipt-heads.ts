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

  /** Takes the next event, and judges what it says of a witness's receipts. */
  apply(event: LedgerEvent, at: Act): readonly Violation[] {
    const said = saidBy(event);
    return said === undefined ? [] : this.#take(said.witness, said.head, at);
  }

  #take(witness: string, head: ReceiptHead, at: Act): readonly Violation[] {
    const shown: ShownReceipts = this.#shown.get(witness) ?? { heads: new Map() };
    this.#shown.set(witness, shown);
    const last = shown.newest ?? { number: 0, hash: shown.name ?? head.hash };
    const refuse = (rule: 'receipt-fork' | 'receipt-missing', text: string): readonly Violation[] => [
      { ...violationAt(rule, at, undefined, text), receipt: `${witness} #${head.number}` },
    ];
    const same = head.number === last.number ? last : shown.heads.get(head.number)?.record;
    if (same !== undefined && same.hash !== head.hash)
      return refuse('receipt-fork', `${witness} had shown another one of this number before`);
    if (head.number < last.number)
      return refuse(
        'receipt-missing',
        `${witness} had shown receipt ${last.number} before, and now ${head.number}`,
      );
    if (head.number === 0) shown.name = head.hash;
    else if (head.number > last.number) {
      shown.heads.set(head.number, { record: head, at });
      shown.newest = head;
    }
    return [];
  }
}

function saidBy(event: LedgerEvent): { witness: string; head: ReceiptHead } | undefined {
  if (event.name !== EVENTS.heartbeat && event.name !== EVENTS.destructionAttested) return undefined;
  const { nodeId, receipts } = event.name === EVENTS.heartbeat ? event.payload : event.payload.attestation;
  return receipts === undefined ? undefined : { witness: nodeId, head: receipts };
}
