import type { EndReason } from '@eko/protocol';

/** What the end of a stream did at this endpoint. */
export interface EndedStream {
  readonly streamId: string;
  readonly reason: EndReason;
  /** Connections that it closed. */
  readonly connections: number;
  /** From the arrival of the ledger's event to the close of the last of them. */
  readonly closedAfterMs: number;
}

/** Counts the connections that an end closes, until the last one is. */
export class StreamEnding {
  readonly #report: (connections: number) => void;
  #connections = 0;
  #left = 0;

  constructor(report: (connections: number) => void) {
    this.#report = report;
  }

  /** So many more are to be closed. */
  closing(count: number): void {
    this.#connections += count;
    this.#left += count;
  }

  /** One is closed. */
  closed(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#report(this.#connections);
  }

  /** All that are to be closed were named. */
  begun(): void {
    if (this.#left === 0) this.#report(this.#connections);
  }
}
