import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EkoError } from '@eko/protocol';
import { TransactionId } from '@eko/protocol/ledger';
import { encodeCanonicalJson, fits, parseCanonicalJson } from '@eko/protocol/encoding';
import { readTextFile } from '@eko/protocol/node';
import type { Checkpoint } from './ledger';

const LIMITS = { maxBytes: 4_096, maxDepth: 1 };
const FIELDS = ['blockNumber', 'chaincode', 'channel', 'txId'].join();

/**
 * A checkpoint in a file of its own, for consumers without a store. Replaced as a whole: a crash leaves the old one or
 * the new one.
 */
export class FileCheckpoint {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads it; `undefined` where there is no file.
   *
   * @throws EkoError `CORRUPT_RECORD` for a file that is empty, cut off or anything else: remove it to read the ledger
   *   from its first block
   */
  async load(): Promise<Checkpoint | undefined> {
    let text: string | undefined;
    try {
      text = await readTextFile(this.#path, LIMITS.maxBytes);
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
        return undefined;
      throw new EkoError('CORRUPT_RECORD', `Checkpoint ${this.#path} cannot be read`, { cause: error });
    }
    const checkpoint = text === undefined ? undefined : decodeCheckpoint(text);
    if (checkpoint === undefined)
      throw new EkoError(
        'CORRUPT_RECORD',
        `Checkpoint ${this.#path} is damaged; remove it to read the ledger from its first block`,
      );
    return checkpoint;
  }

  /** Writes it durably before it resolves. */
  async save(checkpoint: Checkpoint): Promise<void> {
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(
        encodeCanonicalJson({
          channel: checkpoint.channel,
          chaincode: checkpoint.chaincode,
          blockNumber: checkpoint.blockNumber.toString(),
          txId: checkpoint.txId,
        }),
      );
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
    const directory = await open(dirname(this.#path), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

function decodeCheckpoint(text: string): Checkpoint | undefined {
  let value: unknown;
  try {
    value = parseCanonicalJson(text, LIMITS);
  } catch (error) {
    if (error instanceof EkoError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== FIELDS) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const [channel, chaincode] = [fields.get('channel'), fields.get('chaincode')];
  const [blockNumber, txId] = [fields.get('blockNumber'), fields.get('txId')];
  if (typeof channel !== 'string' || typeof chaincode !== 'string' || !fits(TransactionId, txId))
    return undefined;
  if (typeof blockNumber !== 'string' || !/^(0|[1-9][0-9]{0,18})$/.test(blockNumber)) return undefined;
  return { channel, chaincode, blockNumber: BigInt(blockNumber), txId };
}
