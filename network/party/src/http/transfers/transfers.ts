import { randomUUID } from 'node:crypto';
import { BoundedMap, EkoError, formatStreamId, type StreamReference } from '@eko/protocol';
import { Transfer } from './transfer';

/** Transfers remembered, those that are over among them; a server has fewer connections than that. */
const KEPT = 4_096;

/** The transfers of late: what became of each, for a program whose connection broke. */
export class Transfers {
  readonly #transfers = new BoundedMap<string, Transfer>(KEPT);

  /**
   * Begins one, under the name that its program chose or a name of our own.
   *
   * @throws EkoError `ALREADY_EXISTS` for a name that was used
   */
  begin(
    stream: StreamReference,
    direction: Transfer['direction'],
    transferId: string = randomUUID(),
  ): Transfer {
    if (this.#transfers.get(transferId) !== undefined) {
      throw new EkoError('ALREADY_EXISTS', 'There is a transfer of this name: choose another UUID for each', {
        details: { transferId },
      });
    }
    const transfer = new Transfer(transferId, stream, direction);
    this.#transfers.set(transferId, transfer);
    return transfer;
  }

  /**
   * One transfer of a stream.
   *
   * @throws EkoError `NOT_FOUND`
   */
  get(stream: StreamReference, transferId: string): Transfer {
    const transfer = this.#transfers.get(transferId);
    if (transfer === undefined || formatStreamId(transfer.stream) !== formatStreamId(stream)) {
      throw new EkoError('NOT_FOUND', 'No such transfer is known here', { details: { transferId } });
    }
    return transfer;
  }
}
