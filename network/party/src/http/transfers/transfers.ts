import { randomUUID } from 'node:crypto';
import { EkoError, formatStreamId, type StreamReference } from '@eko/protocol';
import { BoundedMap } from '@eko/protocol/encoding';
import { Transfer } from './transfer';

/** Transfers at a time; each has a connection of its own, and a server takes no more of those. */
const LIVING = 1_024;
/** Transfers remembered that are over. */
const KEPT = 4_096;

/** The transfers under way, and those of late: what became of each, for a program whose connection broke. */
export class Transfers {
  readonly #living = new Map<string, Transfer>();
  readonly #over = new BoundedMap<string, Transfer>(KEPT);

  /**
   * Begins one, under the name that its program chose or a name of our own.
   *
   * @throws EkoError `ALREADY_EXISTS` for a name that was used, `RATE_LIMITED` where too many are under way
   */
  begin(
    stream: StreamReference,
    direction: Transfer['direction'],
    transferId: string = randomUUID(),
  ): Transfer {
    if (this.#find(transferId) !== undefined) {
      throw new EkoError('ALREADY_EXISTS', 'There is a transfer of this name: choose another UUID for each', {
        details: { transferId },
      });
    }
    if (this.#living.size >= LIVING) {
      const text = `${LIVING} transfers are under way here, and no more at a time: wait for one to end`;
      throw new EkoError('RATE_LIMITED', text);
    }
    const transfer = new Transfer(transferId, stream, direction, () => {
      this.#living.delete(transferId);
      this.#over.set(transferId, transfer);
    });
    this.#living.set(transferId, transfer);
    return transfer;
  }

  /**
   * One transfer of a stream.
   *
   * @throws EkoError `NOT_FOUND`
   */
  get(stream: StreamReference, transferId: string): Transfer {
    const transfer = this.#find(transferId);
    if (transfer === undefined || formatStreamId(transfer.stream) !== formatStreamId(stream)) {
      throw new EkoError('NOT_FOUND', 'No such transfer is known here', { details: { transferId } });
    }
    return transfer;
  }

  #find(transferId: string): Transfer | undefined {
    return this.#living.get(transferId) ?? this.#over.get(transferId);
  }
}
