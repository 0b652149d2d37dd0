import { LIMITS } from '@eko/protocol';
import { LABELS, receiptHash } from '@eko/protocol/crypto';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { timeText } from './author-rules';
import { endBefore, isPartyOf, type BundleHistory, type PlacedPermit } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import type { ReceiptFile, SignedReceipt } from './receipt-file';
import { ReceiptNumbers } from './receipt-numbers';
import { violationAt, type HistoryPlace, type HistoryRule, type Violation } from './violation';

/** The largest settings that a witness may have: `permitLifetimeMs` and `clockToleranceMs`. */
const MOST_LIFETIME_MS = 60_000;
const MOST_TOLERANCE_MS = 60_000;
/** A receipt has its time before it is written, and the witness looks at the clock once more before the shares leave. */
const MOST_WRITING_MS = 10_000;
const MOST_LATE_MS = MOST_LIFETIME_MS + MOST_TOLERANCE_MS + MOST_WRITING_MS;
const MOST_EARLY_MS = LIMITS.clockSkewMs + MOST_TOLERANCE_MS;
/** A file with more that is wrong is read no further: whoever wrote it must not fill the memory of who reads it. */
const MOST_BROKEN = 1000;

/** Judges witnesses' receipts, those of all files together, by the whole history of the ledger. */
export class ReceiptJudge {
  readonly violations: Violation[] = [];
  readonly #history: HistorySoFar;
  readonly #numbers = new Map<string, ReceiptNumbers>();
  readonly #uses = new PermitUses();
  #read = 0;

  constructor(history: HistorySoFar) {
    this.#history = history;
  }

  /** How many receipts were read, each once. */
  get read(): number {
    return this.#read;
  }

  /** Witnesses that have shown receipts, and of which none was read. */
  get unread(): readonly string[] {
    return this.#history.receipts.witnesses.filter((witness) => !this.#numbers.has(witness));
  }

  /** Judges one file, which holds one witness's log from its first receipt on, or from where a file before has ended. */
  async judge({ name, lines }: ReceiptFile): Promise<void> {
    const log = new JudgedLog((witness, number) => this.#numbers.get(witness)?.get(number));
    const before = this.violations.length;
    let line = 0;
    for await (const signed of lines) {
      line += 1;
      if (this.violations.length - before >= MOST_BROKEN) {
        const text = `more than ${MOST_BROKEN} things are wrong before this line: the rest was not read`;
        this.violations.push({ rule: 'receipt-chain', text, receipt: `${name}:${line}` });
        return;
      }
      const place = `${name}:${line}`;
      if (signed === undefined || 'unread' in signed) {
        const text = signed === undefined ? 'this line is no receipt' : signed.unread;
        this.violations.push({ rule: 'receipt-chain', text, receipt: place });
        continue;
      }
      const foreign = this.#foreign(signed);
      if (foreign === undefined) this.#judgeReceipt(log, signed.receipt);
      else this.violations.push({ rule: 'receipt-signature', text: foreign, receipt: place });
    }
  }

  /** Judges what is known once all files were read. */
  finish(): void {
    for (const [witness, numbers] of this.#numbers) {
      const shown = [...(this.#history.receipts.of(witness)?.heads.values() ?? [])];
      const missing = shown.find(({ record: { number } }) => numbers.get(number) === undefined);
      if (missing === undefined) continue;
      const { at, record } = missing;
      const text = `${witness} has shown it on the ledger, and no file has it`;
      this.violations.push({
        ...violationAt('receipt-missing', at, undefined, text),
        receipt: `${witness} #${record.number}`,
      });
    }
  }

  /** Why a receipt is not the word of the witness that it names, on this channel: then it says nothing of anybody. */
  #foreign({ receipt, signature }: SignedReceipt): string | undefined {
    const { channel, registry } = this.#history;
    const { witness } = receipt;
    if (receipt.channel !== channel) return `it is of channel ${receipt.channel.slice(0, 80)}`;
    const isItsWord = isSigned(LABELS.receiptSignature, receipt, signature, registry.signKeysOf(witness));
    return isItsWord ? undefined : `it names ${witness}, who has not signed it`;
  }

  #judgeReceipt(log: JudgedLog, receipt: ReleaseReceipt): void {
    const hash = receiptHash(receipt);
    const broken = log.brokenLink(receipt, hash, this.#history.receipts.of(receipt.witness)?.name);
    if (broken !== undefined) this.#refuse('receipt-chain', receipt, broken);
    const numbers = this.#numbers.get(receipt.witness) ?? new ReceiptNumbers();
    this.#numbers.set(receipt.witness, numbers);
    const known = numbers.get(receipt.sequence);
    // The same receipt in two files is one receipt.
    if (known === hash) return;
    if (known !== undefined) this.#refuse('receipt-fork', receipt, 'there is another one of this number');
    else {
      this.#read += 1;
      numbers.set(receipt.sequence, hash);
    }
    this.#judgeHead(receipt, hash);
    this.#judgeRelease(receipt);
  }

  #refuse(rule: HistoryRule, receipt: ReleaseReceipt, text: string, index?: number, at?: HistoryPlace): void {
    const { bundleId, witness, sequence, permitTxId } = receipt;
    this.violations.push({
      rule,
      text,
      streamId: index === undefined ? bundleId : `${bundleId}/${index}`,
      ...(at === undefined ? {} : { blockNumber: at.blockNumber }),
      txId: permitTxId,
      receipt: `${witness} #${sequence}`,
    });
  }

  #judgeHead(receipt: ReleaseReceipt, hash: string): void {
    const { witness, sequence } = receipt;
    const shown = this.#history.receipts.of(witness)?.heads.get(sequence);
    if (shown === undefined || shown.record.hash === hash) return;
    const text = `${witness} has shown another one of this number on the ledger`;
    this.#refuse('receipt-fork', receipt, text, undefined, shown.at);
  }

  #judgeRelease(receipt: ReleaseReceipt): void {
    const { bundleId, permitTxId, streams, witness, party } = receipt;
    const bundle = this.#history.bundles.get(bundleId);
    const permit = bundle?.permits.get(permitTxId);
    if (bundle === undefined || permit === undefined) {
      this.#refuse('release-without-permit', receipt, 'the ledger has no such permit');
      return;
    }
    const dealt = bundle.dealings;
    if (dealt?.record.fence !== receipt.fence || dealt.at.txId !== receipt.activationTxId)
      this.#refuse('release-of-other-dealing', receipt, 'the ledger activated this bundle otherwise');
    this.#judgeTime(receipt, bundle, permit);
    for (const index of streams) this.#judgeStream(receipt, index, bundle, permit);
    for (const index of streams) {
      const before = this.#uses.take(permit, `${witness} ${party}`, index, receipt.sequence);
      if (before === undefined) continue;
      const text = `${witness} served it before, by receipt ${before}`;
      this.#refuse('permit-used-twice', receipt, text, index, permit.at);
    }
  }

  #judgeTime(receipt: ReleaseReceipt, { bundle }: BundleHistory, { at }: PlacedPermit): void {
    const { atUnixMs } = receipt;
    const refuse = (text: string): void => {
      this.#refuse('release-out-of-time', receipt, text, undefined, at);
    };
    if (atUnixMs < at.timeUnixMs - MOST_EARLY_MS)
      refuse(`it left at ${timeText(atUnixMs)}, before the permit`);
    if (atUnixMs > at.timeUnixMs + MOST_LATE_MS)
      refuse(`it left at ${timeText(atUnixMs)}, long after the permit`);
    if (atUnixMs > bundle.notAfterUnixMs + MOST_WRITING_MS)
      refuse(`it left at ${timeText(atUnixMs)}, and the time was over at ${timeText(bundle.notAfterUnixMs)}`);
  }

  #judgeStream(receipt: ReleaseReceipt, index: number, bundle: BundleHistory, permit: PlacedPermit): void {
    const { witness, party, epoch } = receipt;
    const refuse = (rule: HistoryRule, text: string): void =>
      this.#refuse(rule, receipt, text, index, permit.at);
    const { parties, streams } = permit;
    if (!parties.includes(party) || permit.epoch !== epoch || (streams !== 'all' && !streams.includes(index)))
      refuse('release-without-permit', `the permit is not for ${party}, this stream and epoch ${epoch}`);
    const end = endBefore(bundle, [index], permit.at);
    if (end !== undefined)
      refuse('release-after-end', `the permit is ordered after the end in block ${end.at.blockNumber}`);
    if (!isPartyOf(bundle, party)) refuse('release-by-stranger', `${party} is none of the two parties`);
    if (bundle.dealings?.record.selection.witnesses.includes(witness) !== true)
      refuse('release-by-stranger', `${witness} was not drawn for this stream`);
  }
}

/** One file, judged from its first receipt to its last. */
class JudgedLog {
  readonly #seen: (witness: string, number: number) => string | undefined;
  #witness: string | undefined;
  #next: { readonly sequence: number; readonly previousHash: string | undefined } | undefined;

  /** @param seen - the hash of a receipt that an earlier file had */
  constructor(seen: (witness: string, number: number) => string | undefined) {
    this.#seen = seen;
  }

  /**
   * Why a receipt does not follow the one before it, if it does not.
   *
   * @param name - the log's, where the ledger has it
   */
  brokenLink(
    { sequence, previousHash, witness }: ReleaseReceipt,
    hash: string,
    name: string | undefined,
  ): string | undefined {
    this.#witness ??= witness;
    const { sequence: due, previousHash: before = previousHash } =
      this.#next ?? this.#startAt(witness, sequence, name);
    this.#next = { sequence: sequence + 1, previousHash: hash };
    if (witness !== this.#witness) return `a receipt of ${witness} in the log of ${this.#witness}`;
    if (sequence !== due) return 'it does not follow the receipt before';
    return previousHash === before ? undefined : 'it does not name the receipt before';
  }

  /** A log that was given in parts goes on where the part before has ended. */
  #startAt(witness: string, sequence: number, name: string | undefined) {
    const last = sequence > 1 ? this.#seen(witness, sequence - 1) : undefined;
    return last === undefined ? { sequence: 1, previousHash: name } : { sequence, previousHash: last };
  }
}

/** By which receipt a permit was served, for each witness, party and stream. */
class PermitUses {
  readonly #uses = new Map<PlacedPermit, Map<string, Map<number, number>>>();

  /** Notes a use; answers the number of the receipt that was there before. */
  take(permit: PlacedPermit, between: string, index: number, sequence: number): number | undefined {
    const ofPermit = this.#uses.get(permit) ?? new Map<string, Map<number, number>>();
    this.#uses.set(permit, ofPermit);
    const served = ofPermit.get(between) ?? new Map<number, number>();
    ofPermit.set(between, served);
    const before = served.get(index);
    if (before === undefined) served.set(index, sequence);
    return before;
  }
}
