import { LABELS, NO_PREVIOUS_RECEIPT, receiptHash, witnessesOf, type ReleaseReceipt } from '@eko/protocol';
import { endBefore, isPartyOf, type BundleHistory, type PlacedPermit } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import type { ReceiptFile, SignedReceipt } from './receipt-file';
import type { HistoryPlace, HistoryRule, Violation } from './violation';

/** Judges one witness's receipts by the whole history of the ledger. */
export function checkReceipts(history: HistorySoFar, file: ReceiptFile): readonly Violation[] {
  const log = new JudgedLog(history, file.name);
  file.lines.forEach((line, place) => log.judge(line, place + 1));
  return log.violations;
}

/** A log of receipts, judged from the first to the last. */
class JudgedLog {
  readonly violations: Violation[] = [];
  readonly #history: HistorySoFar;
  readonly #name: string;
  readonly #used = new Set<string>();
  #witness: string | undefined;
  #next = { sequence: 1, previousHash: NO_PREVIOUS_RECEIPT };

  constructor(history: HistorySoFar, name: string) {
    this.#history = history;
    this.#name = name;
  }

  judge(signed: SignedReceipt | undefined, line: number): void {
    if (signed === undefined) {
      const receipt = `${this.#name}:${line}`;
      this.violations.push({ rule: 'receipt-chain', text: 'this line is no receipt', receipt });
      return;
    }
    this.#judgeLink(signed.receipt);
    this.#judgeSignature(signed);
    this.#judgeRelease(signed.receipt);
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

  #judgeLink(receipt: ReleaseReceipt): void {
    const { sequence, previousHash, witness } = receipt;
    this.#witness ??= witness;
    if (witness !== this.#witness) {
      this.#refuse('receipt-chain', receipt, `a receipt of ${witness} in the log of ${this.#witness}`);
    } else if (sequence !== this.#next.sequence || previousHash !== this.#next.previousHash) {
      const what = sequence === this.#next.sequence ? 'it does not name' : 'it does not follow';
      this.#refuse('receipt-chain', receipt, `${what} the receipt before`);
    }
    this.#next = { sequence: sequence + 1, previousHash: receiptHash(receipt) };
  }

  #judgeSignature({ receipt, signature }: SignedReceipt): void {
    const { channel, registry } = this.#history;
    const { witness } = receipt;
    if (receipt.channel !== channel)
      this.#refuse('receipt-signature', receipt, `it is of channel ${receipt.channel.slice(0, 80)}`);
    if (!isSigned(LABELS.receiptSignature, receipt, signature, registry.signKeysOf(witness)))
      this.#refuse('receipt-signature', receipt, `it is not signed by ${witness}`);
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
    for (const index of streams) this.#judgeStream(receipt, index, bundle, permit);
    for (const index of streams) {
      const use = `${witness}/${permitTxId}/${party}/${index}`;
      if (this.#used.has(use))
        this.#refuse('permit-used-twice', receipt, `${witness} served it before`, index, permit.at);
      this.#used.add(use);
    }
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
    const selection = bundle.dealings?.record.selection;
    if (!isPartyOf(bundle, party)) refuse('release-by-stranger', `${party} is none of the two parties`);
    if (selection === undefined || !witnessesOf(selection, index).includes(witness))
      refuse('release-by-stranger', `${witness} was not drawn for this stream`);
  }
}
