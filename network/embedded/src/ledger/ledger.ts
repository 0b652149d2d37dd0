import { mkdir } from 'node:fs/promises';
import { EkoError } from '@eko/protocol';
import { peer } from '@hyperledger/fabric-protos';
import type { Transaction } from '../messages/transaction';
import { VersionedState, type CommittedWrites, type StateSnapshot } from '../state/versioned-state';
import { BlockView, findConflict } from '../state/validation';
import { buildBlock, envelopesOf, hashData, hashHeader } from './block';
import { BlockCutter, type BlockCutting } from './block-cutter';
import { BlockFile } from './block-file';
import {
  type CommittedBlock,
  GENESIS_BLOCK,
  parseCommittedBlock,
  type ValidationCode,
} from './committed-block';
import { buildGenesisBlock } from './genesis';
import { lockDirectory, type DirectoryLock } from './directory-lock';
import { KeyedSignal } from './signal';
import { Signal } from './signal';

const { TxValidationCode } = peer;

/** What a ledger is opened with. */
export interface LedgerOptions extends BlockCutting {
  readonly directory: string;
  readonly channelId: string;
  /** The root certificate, in PEM, of each MSP ID. */
  readonly roots: ReadonlyMap<string, string>;
  /** Says whether a transaction carries the endorsements that the channel asks for. */
  readonly isEndorsed: (transaction: Transaction) => boolean;
}

/** What became of a transaction, and where it is. */
export interface CommitStatus {
  readonly code: ValidationCode;
  readonly blockNumber: number;
}

/** The most transactions that may wait for a block. */
const MAX_WAITING = 20_000;
/** Blocks kept in memory for subscribers that are nearly up to date. */
const RECENT_BLOCKS = 64;

/**
 * The ordering service and the committing peer of one channel: cuts blocks, validates them, writes them to disk, and
 * only then applies them and tells anybody.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #lock: DirectoryLock;
  readonly #state = new VersionedState();
  readonly #statuses = new Map<string, CommitStatus>();
  readonly #recent = new Map<number, CommittedBlock>();
  readonly #committedBlock = new Signal();
  readonly #committedTransaction = new KeyedSignal();
  readonly #cutter: BlockCutter<Transaction>;
  #file: BlockFile | undefined;
  #lastHash: Uint8Array = new Uint8Array();
  #failure: EkoError | undefined;

  private constructor(options: LedgerOptions, lock: DirectoryLock) {
    this.#options = options;
    this.#lock = lock;
    this.#cutter = new BlockCutter(options, (batch) => this.#commit(batch));
  }

  /**
   * Opens the ledger in a directory, or starts one there.
   *
   * @throws EkoError `CORRUPT_RECORD` if a block is not as it was written, `INVALID_CONFIG` if the directory holds
   *   another channel or is in use
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const ledger = new Ledger(options, await lockDirectory(options.directory));
    try {
      const genesis = buildGenesisBlock(options.channelId, options.roots).serializeBinary();
      const file = await BlockFile.open(`${options.directory}/blocks.eko`, (body, blockNumber) =>
        ledger.#replay(body, blockNumber, genesis),
      );
      ledger.#file = file;
      if (file.height === 0) {
        await file.append(genesis);
        ledger.#replay(genesis, GENESIS_BLOCK, genesis);
      }
      return ledger;
    } catch (error) {
      await ledger.#lock.release();
      throw error;
    }
  }

  /** The number of blocks. */
  get height(): number {
    return this.#state.height;
  }

  /** Committed state as it is now. */
  snapshot(): StateSnapshot {
    return this.#state.snapshot();
  }

  /** What became of a transaction; nothing as long as it is in no block. */
  statusOf(txId: string): CommitStatus | undefined {
    return this.#statuses.get(txId);
  }

  /**
   * Puts a transaction in line for a block.
   *
   * @throws EkoError `STORE_FULL` if too many wait, or what stopped the ledger
   */
  submit(transaction: Transaction): void {
    this.#assertRunning();
    if (this.#cutter.waiting >= MAX_WAITING)
      throw new EkoError('STORE_FULL', 'too many transactions wait for a block');
    this.#cutter.add(transaction);
  }

  /**
   * Waits until a transaction is in a block.
   *
   * @throws EkoError what stopped the ledger, or the signal's reason
   */
  async waitForCommit(txId: string, signal: AbortSignal): Promise<CommitStatus> {
    for (;;) {
      const status = this.#statuses.get(txId);
      if (status !== undefined) return status;
      this.#assertRunning();
      await this.#committedTransaction.next(txId, signal);
    }
  }

  /** Every block from the given one on, for ever: those on disk, then each as it is committed. */
  async *blocksFrom(blockNumber: number, signal: AbortSignal): AsyncGenerator<CommittedBlock> {
    for (let next = blockNumber; ; next += 1) {
      while (next >= this.height) {
        this.#assertRunning();
        await this.#committedBlock.next(signal);
      }
      signal.throwIfAborted();
      yield this.#recent.get(next) ?? parseCommittedBlock(await this.#openFile().read(next));
    }
  }

  /** Commits what waits and closes the file. */
  async close(): Promise<void> {
    await this.#cutter.drain();
    this.#stop(new EkoError('SHUTTING_DOWN', 'the ledger is closed'));
    await this.#file?.close();
    await this.#lock.release();
  }

  async #commit(batch: readonly Transaction[]): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      const blockNumber = this.height;
      const codes = this.#validate(blockNumber, batch);
      const envelopes = batch.map(({ envelope }) => envelope);
      const block = buildBlock(blockNumber, this.#lastHash, envelopes, codes);
      await this.#openFile().append(block.serializeBinary());
      const transactions = batch.map((transaction, index) => ({
        transaction,
        code: codes[index] ?? TxValidationCode.INVALID_OTHER_REASON,
      }));
      this.#apply({ blockNumber, block, transactions });
      for (const { txId } of batch) this.#committedTransaction.fire(txId);
      this.#committedBlock.fire();
    } catch (cause) {
      // What is on the disk is no longer known, so nothing more may be written or answered by this process.
      this.#stop(
        new EkoError('LEDGER_UNAVAILABLE', 'the ledger could not write a block and has stopped', { cause }),
      );
    }
  }

  #validate(blockNumber: number, batch: readonly Transaction[]): ValidationCode[] {
    const view = new BlockView(this.#state.snapshot());
    const seen = new Set<string>();
    return batch.map((transaction, txNumber) => {
      const { txId, isOfItsProposal, readWriteSet } = transaction;
      if (!isOfItsProposal) return TxValidationCode.INVALID_ENDORSER_TRANSACTION;
      if (this.#statuses.has(txId) || seen.has(txId)) return TxValidationCode.DUPLICATE_TXID;
      seen.add(txId);
      if (!this.#options.isEndorsed(transaction)) return TxValidationCode.ENDORSEMENT_POLICY_FAILURE;
      const conflict = findConflict(readWriteSet, view);
      if (conflict !== undefined) return TxValidationCode[conflict];
      view.add({ blockNumber, txNumber }, readWriteSet.writes);
      return TxValidationCode.VALID;
    });
  }

  #replay(body: Uint8Array, blockNumber: number, genesis: Uint8Array): void {
    if (blockNumber === GENESIS_BLOCK && Buffer.compare(body, genesis) !== 0) {
      throw new EkoError(
        'INVALID_CONFIG',
        'the directory holds the ledger of another channel or other organisations',
      );
    }
    const committed = parseCommittedBlock(body);
    const header = committed.block.getHeader();
    const isChained =
      committed.blockNumber === blockNumber &&
      Buffer.compare(header?.getPreviousHash_asU8() ?? new Uint8Array(), this.#lastHash) === 0 &&
      Buffer.compare(
        header?.getDataHash_asU8() ?? new Uint8Array(),
        hashData(envelopesOf(committed.block)),
      ) === 0;
    if (!isChained) {
      const details = { block: blockNumber };
      throw new EkoError('CORRUPT_RECORD', `block ${blockNumber} does not follow the block before it`, {
        details,
      });
    }
    this.#apply(committed);
  }

  #apply(committed: CommittedBlock): void {
    const { blockNumber, block, transactions } = committed;
    const valid: CommittedWrites[] = [];
    for (const [txNumber, { transaction, code }] of transactions.entries()) {
      const { txId, timestamp, readWriteSet } = transaction;
      // A replayed transaction does not change what became of the first.
      if (!this.#statuses.has(txId)) this.#statuses.set(txId, { code, blockNumber });
      if (code !== TxValidationCode.VALID) continue;
      valid.push({ version: { blockNumber, txNumber }, txId, timestamp, writes: readWriteSet.writes });
    }
    this.#state.apply(blockNumber, valid);
    this.#lastHash = hashHeader(block);
    this.#recent.set(blockNumber, committed);
    this.#recent.delete(blockNumber - RECENT_BLOCKS);
  }

  #openFile(): BlockFile {
    if (this.#file === undefined) throw new EkoError('LEDGER_UNAVAILABLE', 'the ledger is not open');
    return this.#file;
  }

  #assertRunning(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #stop(failure: EkoError): void {
    this.#failure ??= failure;
    this.#committedTransaction.fireAll();
    this.#committedBlock.fire();
  }
}
