import {
  LABELS,
  EVENTS,
  receiptHash,
  signRecord,
  type EventName,
  type LedgerEvent,
  type RecordSigner,
  type ReleaseReceipt,
} from '@eko/protocol';
import type { BlockTransaction, ChannelBlock } from '@eko/sdk';
import type { SignedReceipt } from '../../../client-sdk/cli/dist/history/receipt-file';
import {
  judgeHistory,
  type JudgedHistory,
  type JudgedInput,
} from '../../../client-sdk/cli/dist/history/judge-history';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Block = { readonly number: bigint; transactions: Writable<BlockTransaction>[] };
type EventOf<Name extends EventName> = Extract<LedgerEvent, { name: Name }>;
type WithoutPlace<Event> = Event extends unknown ? Omit<Event, 'blockNumber' | 'txId'> : never;

/** One witness's receipts, all in memory. */
export interface RecordedLog {
  readonly name: string;
  readonly lines: readonly (SignedReceipt | undefined)[];
}

/** A history that was really made, as a copy in which something can be changed. */
export class PlantedHistory {
  readonly blocks: Block[];
  readonly receipts: { readonly name: string; lines: (SignedReceipt | undefined)[] }[];

  constructor(blocks: readonly ChannelBlock[], receipts: readonly RecordedLog[]) {
    this.blocks = copyOf(blocks) as Block[];
    this.receipts = copyOf(receipts) as PlantedHistory['receipts'];
  }

  /** The first transaction with an event of that name that `pick` takes. */
  transaction<Name extends EventName>(
    name: Name,
    pick: (event: EventOf<Name>) => boolean = () => true,
  ): Writable<BlockTransaction> & { readonly event: EventOf<Name> } {
    for (const { transactions } of this.blocks) {
      for (const transaction of transactions) {
        const { event } = transaction;
        if (event?.name === name && pick(event as EventOf<Name>))
          return transaction as Writable<BlockTransaction> & { readonly event: EventOf<Name> };
      }
    }
    throw new RangeError(`the history has no ${name}`);
  }

  /** Adds a block with these events, in this order. Answers the transactions' IDs. */
  append(...events: readonly WithoutPlace<LedgerEvent>[]): readonly string[] {
    return this.#appendBlock(events.map((event) => ({ event, writes: [] })));
  }

  /** Adds a block whose only transaction writes these keys. */
  write(...writes: readonly string[]): void {
    this.#appendBlock([{ event: undefined, writes }]);
  }

  /** The log of one witness. */
  logOf(witness: string): { lines: (SignedReceipt | undefined)[] } {
    const log = this.receipts.find(({ name }) => name.startsWith(witness));
    if (log === undefined) throw new RangeError(`there are no receipts of ${witness}`);
    return log;
  }

  /** Continues a witness's log by a receipt that it signs. */
  sign(sign: RecordSigner, receipt: Omit<ReleaseReceipt, 'sequence' | 'previousHash'>): void {
    const { lines } = this.logOf(receipt.witness);
    const last = lines.at(-1)?.receipt;
    const next = {
      ...receipt,
      sequence: (last?.sequence ?? 0) + 1,
      previousHash: last === undefined ? this.#logNameOf(receipt.witness) : receiptHash(last),
    };
    lines.push({ receipt: next, signature: signRecord(LABELS.receiptSignature, next, sign) });
  }

  verify(terms: Partial<JudgedInput> = {}): Promise<JudgedHistory> {
    const { blocks, receipts } = this;
    return judgeHistory({
      channel: 'live-channel',
      blocks,
      receipts,
      nowUnixMs: Date.now() + 3_600_000,
      setupMs: 60_000,
      ...terms,
    });
  }

  /** The rules that are broken, each once, in order of their names. */
  async brokenRules(terms?: Partial<JudgedInput>): Promise<readonly string[]> {
    const { violations } = await this.verify(terms);
    return [...new Set(violations.map(({ rule }) => rule))].sort();
  }

  /** As the witness named its log on the ledger when it started. */
  #logNameOf(witness: string): string {
    const { receipts } = this.transaction(EVENTS.heartbeat, ({ payload }) => payload.nodeId === witness).event
      .payload;
    if (receipts === undefined) throw new RangeError(`${witness} has named no log`);
    return receipts.hash;
  }

  #appendBlock(
    parts: readonly { event: WithoutPlace<LedgerEvent> | undefined; writes: readonly string[] }[],
  ): readonly string[] {
    const number = (this.blocks.at(-1)?.number ?? -1n) + 1n;
    const transactions = parts.map(({ event, writes }, index) => {
      const txId = (number * 1000n + BigInt(index)).toString(16).padStart(64, 'f');
      const placed =
        event === undefined ? undefined : ({ ...event, blockNumber: number, txId } as LedgerEvent);
      return { txId, index, validationCode: 0, writes, event: placed };
    });
    this.blocks.push({ number, transactions });
    return transactions.map(({ txId }) => txId);
  }
}

/** A deep copy of plain values; `structuredClone` makes objects of another realm here. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}
