import { LIMITS } from '@eko/protocol';
import { LABELS, receiptHash, signRecord, type RecordSigner } from '@eko/protocol/crypto';
import { EVENTS, STATE_KEYS, type EventName, type LedgerEvent } from '@eko/protocol/ledger';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import type { BlockSubmitter, BlockTransaction, BlockWrite, ChannelBlock } from '@eko/sdk/node';
import { authorOf, stampedEvent, type PlantedEvent } from './stamped-event';
import { announcedRecords } from '../../client-sdk/audit/src/event-facts';
import { DerivedRecords } from '../../client-sdk/audit/src/derived-records';
import type { SignedReceipt } from '../../client-sdk/audit/src/receipt-file';
import { judgeHistory, type JudgedHistory, type JudgedInput } from '../../client-sdk/audit/src/judge-history';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Block = { readonly number: bigint; transactions: Writable<BlockTransaction>[] };
type EventOf<Name extends EventName> = Extract<LedgerEvent, { name: Name }>;

/** One witness's receipts, all in memory. */
export interface RecordedLog {
  readonly name: string;
  readonly lines: readonly (SignedReceipt | undefined)[];
}

/** A history that was really made, as a copy in which something can be changed. */
export class PlantedHistory {
  readonly blocks: Block[];
  readonly receipts: { readonly name: string; lines: (SignedReceipt | undefined)[] }[];
  readonly #rewritten = new Map<string, (writes: readonly BlockWrite[]) => readonly BlockWrite[]>();

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

  /** Adds a block with these events, in this order, each by whom it names. Answers the transactions' IDs. */
  append(...events: readonly PlantedEvent[]): readonly string[] {
    return this.#appendBlock(events.map((event) => ({ event })));
  }

  /** Adds a block with one event that this node submits, so many milliseconds after the newest. */
  appendBy(author: string, event: PlantedEvent, afterMs = 0): string {
    return this.#appendBlock([{ event, author, afterMs }])[0] ?? '';
  }

  /** A request of a bundle that no offer covers, and that nobody has accepted. */
  waitingRequest(bundleId: string): Extract<PlantedEvent, { name: typeof EVENTS.streamsRequested }> {
    const { bundle } = this.transaction(EVENTS.streamsRequested).event.payload;
    const rest = Object.fromEntries(
      Object.entries(bundle).filter(([name]) => name !== 'offerId'),
    ) as typeof bundle;
    const provider = this.transaction(
      EVENTS.nodeRegistered,
      ({ payload }) => payload.node.nodeId === bundle.policy.provider,
    ).event.payload.node;
    const { vrf } = provider.keys;
    if (vrf === undefined) throw new RangeError(`${provider.nodeId} has no key to consent by`);
    const requests = [{ dataType: 'unoffered', permissions: ['read'] }];
    return {
      name: EVENTS.streamsRequested,
      payload: { bundle: { ...rest, bundleId, requests, providerVrf: vrf } },
    };
  }

  /** The newest time in the history. */
  get newestUnixMs(): number {
    return Math.max(
      ...this.blocks.flatMap(({ transactions }) => transactions.map((each) => each.timeUnixMs)),
    );
  }

  /** Who registered a node. */
  submitterOf(nodeId: string): BlockSubmitter {
    return this.transaction(EVENTS.nodeRegistered, ({ payload }) => payload.node.nodeId === nodeId).submitter;
  }

  /** Adds a block whose only transaction writes these keys, and announces nothing. */
  write(...keys: readonly string[]): void {
    const [txId = ''] = this.#appendBlock([{ event: undefined }]);
    this.rewrite(txId, () => keys.map((key) => ({ key, value: Buffer.from('{}') })));
  }

  /** Lets a transaction write something else than follows from its event. */
  rewrite(txId: string, change: (writes: readonly BlockWrite[]) => readonly BlockWrite[]): void {
    this.#rewritten.set(txId, change);
  }

  /** Takes a transaction out. */
  remove(txId: string): void {
    for (const block of this.blocks)
      block.transactions = block.transactions.filter((each) => each.txId !== txId);
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
    const { receipts } = this;
    return judgeHistory({
      channel: 'live-channel',
      blocks: this.#writtenBlocks(),
      receipts,
      nowUnixMs: Date.now() + 3_600_000,
      attestMs: 60_000,
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

  /**
   * Whatever a test has changed, its transactions write what follows from their events, so that what is found is found in
   * the events, but where the test lets one write something else.
   */
  #writtenBlocks(): readonly Block[] {
    const decided = new Set<string>();
    const derived = new DerivedRecords((bundleId) => decided.has(bundleId));
    let slot = LIMITS.openSlots;
    const written = (transaction: BlockTransaction): Writable<BlockTransaction> => {
      const { event, timeUnixMs, txId, validationCode } = transaction;
      const change = this.#rewritten.get(txId) ?? ((writes) => writes);
      if (event === undefined || validationCode !== 0)
        return { ...transaction, writes: change(transaction.writes) };
      if (event.name === EVENTS.streamsAccepted) decided.add(event.payload.acceptance.bundleId);
      if (event.name === EVENTS.streamsEnded)
        for (const { bundleId } of event.payload.ends) decided.add(bundleId);
      const keys = transaction.writes.map(({ key }) => key);
      if (event.name === EVENTS.streamsRequested) {
        const { policy, initiatorMsp } = event.payload.bundle;
        keys.push(`${STATE_KEYS.open}/${policy.provider}/${initiatorMsp}/${(slot -= 1)}`);
      }
      const records = [...announcedRecords(event), ...derived.next(event, timeUnixMs, keys).records];
      const writes = records.map(([key, record]) => ({
        key,
        value: Buffer.from(encodeCanonicalJson(record)),
      }));
      return { ...transaction, writes: change(writes) };
    };
    return this.blocks.map(({ number, transactions }) => ({
      number,
      transactions: transactions.map(written),
    }));
  }

  #appendBlock(parts: readonly Part[]): readonly string[] {
    const number = (this.blocks.at(-1)?.number ?? -1n) + 1n;
    const newestUnixMs = this.newestUnixMs;
    const transactions = parts.map(({ event, author, afterMs = 0 }, index) => {
      const txId = (number * 1000n + BigInt(index)).toString(16).padStart(64, 'f');
      const timeUnixMs = newestUnixMs + afterMs;
      const stamped = event === undefined ? undefined : stampedEvent(event, { txId, atUnixMs: timeUnixMs });
      const placed =
        stamped === undefined ? undefined : ({ ...stamped, blockNumber: number, txId } as LedgerEvent);
      const submitter = this.#knownSubmitter(author ?? (event === undefined ? '' : authorOf(event)));
      return { txId, index, validationCode: 0, timeUnixMs, submitter, writes: [], event: placed };
    });
    this.blocks.push({ number, transactions });
    return transactions.map(({ txId }) => txId);
  }

  /** Of whom nobody knows, a certificate that names nobody. */
  #knownSubmitter(nodeId: string): BlockSubmitter {
    const isKnown = this.blocks.some(({ transactions }) =>
      transactions.some(
        ({ event }) => event?.name === EVENTS.nodeRegistered && event.payload.node.nodeId === nodeId,
      ),
    );
    return isKnown ? this.submitterOf(nodeId) : { mspId: 'Org1MSP', certificatePem: '' };
  }
}

interface Part {
  readonly event: PlantedEvent | undefined;
  readonly author?: string;
  readonly afterMs?: number;
}

/** A deep copy of plain values; `structuredClone` makes objects of another realm here. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}
