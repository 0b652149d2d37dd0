import { createHash, randomUUID } from 'node:crypto';
import { EkoError, formatStreamId, type StreamReference } from '@eko/protocol';
import { BoundedMap } from '@eko/protocol/encoding';
import type { TransferDocument, TransferTotals } from '@eko/protocol/rest';

/** One program's bytes in one direction of a stream: how far they are, and what became of them. */
export class Transfer {
  readonly transferId: string;
  readonly stream: StreamReference;
  readonly direction: TransferDocument['direction'];
  readonly #hash = createHash('sha256');
  readonly #confirmed: Promise<void>;
  readonly #over: Promise<void>;
  #confirm: () => void = () => undefined;
  #end: () => void = () => undefined;
  #bytes = 0;
  #sha256: string | undefined;
  #state: TransferDocument['state'] = 'waiting';
  #failure: EkoError | undefined;

  /** @param onOver - called once, when it is done or has failed */
  constructor(
    transferId: string,
    stream: StreamReference,
    direction: TransferDocument['direction'],
    onOver: () => void,
  ) {
    this.transferId = transferId;
    this.stream = stream;
    this.direction = direction;
    this.#confirmed = new Promise((resolve) => {
      this.#confirm = resolve;
    });
    this.#over = new Promise((resolve) => {
      this.#end = () => {
        onOver();
        resolve();
      };
    });
  }

  get state(): TransferDocument['state'] {
    return this.#state;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Why it failed, if it did. */
  get failure(): EkoError | undefined {
    return this.#failure;
  }

  /** The hash over all bytes, once all have gone through. */
  get sha256(): string | undefined {
    return this.#sha256;
  }

  /** Resolves when the program has confirmed what it received. */
  get confirmed(): Promise<void> {
    return this.#confirmed;
  }

  /** The other side is there. */
  open(): void {
    this.#state = 'open';
  }

  /** Counts what goes through. */
  count(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** The other side has ended its data: this is all of it. */
  whole(): TransferTotals {
    this.#sha256 ??= this.#hash.digest('hex');
    return { bytes: this.#bytes, sha256: this.#sha256 };
  }

  /** From here on the program may confirm. */
  awaitConfirmation(): void {
    this.#state = 'confirming';
  }

  /**
   * Takes a program's word for what it has, and waits until the other side has been told.
   *
   * @throws EkoError `BAD_STATE` before all has gone through, `CORRUPT_RECORD` where it has something else, or why the
   *   transfer failed
   */
  async confirm(claim: TransferTotals): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== 'confirming' && this.#state !== 'done') {
      const name = formatStreamId(this.stream);
      throw new EkoError(
        'BAD_STATE',
        `This transfer of ${name} is ${this.#state}: there is nothing to confirm`,
      );
    }
    if (claim.bytes !== this.#bytes || claim.sha256 !== this.#sha256) {
      const text = `What arrived is not what was sent: ${this.#bytes} bytes went through, ${claim.bytes} are confirmed`;
      const error = new EkoError('CORRUPT_RECORD', text);
      this.fail(error);
      throw error;
    }
    this.#confirm();
    await this.#over;
    // It may have failed meanwhile.
    const { failure } = this;
    if (failure !== undefined) throw failure;
  }

  /** Everything arrived, and both sides know. */
  finish(): void {
    if (this.#state === 'done' || this.#state === 'failed') return;
    this.#state = 'done';
    this.#end();
  }

  /** The first reason stays. */
  fail(reason: EkoError): void {
    if (this.#state === 'done' || this.#state === 'failed') return;
    this.#failure = reason;
    this.#state = 'failed';
    this.#confirm();
    this.#end();
  }
}

/** Transfers at a time; each has a connection of its own, and a server takes no more of those. */
const MOST_UNDER_WAY = 1_024;
/** Transfers remembered that are over. */
const MOST_REMEMBERED = 4_096;

/** The transfers under way, and those of late: what became of each, for a program whose connection broke. */
export class Transfers {
  readonly #underWay = new Map<string, Transfer>();
  readonly #over = new BoundedMap<string, Transfer>(MOST_REMEMBERED);

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
    if (this.#underWay.size >= MOST_UNDER_WAY) {
      const text = `${MOST_UNDER_WAY} transfers are under way here, and no more at a time: wait for one to end`;
      throw new EkoError('RATE_LIMITED', text);
    }
    const transfer = new Transfer(transferId, stream, direction, () => {
      this.#underWay.delete(transferId);
      this.#over.set(transferId, transfer);
    });
    this.#underWay.set(transferId, transfer);
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
    return this.#underWay.get(transferId) ?? this.#over.get(transferId);
  }
}
