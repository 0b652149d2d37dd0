import type { ServerResponse } from 'node:http';
import { EkoError } from '@eko/protocol';

/** One event of a feed; `id` is where a reader that lost its connection goes on. */
export interface FeedEvent {
  readonly id: string;
  readonly name: string;
  /** JSON. */
  readonly data: string;
}

/** Somebody who reads a feed. */
export interface FeedSubscriber {
  /** The last event that the reader has seen, if it says so. */
  readonly lastEventId: string | undefined;
  send(event: FeedEvent): void;
  end(): void;
}

const HEARTBEAT_MS = 15_000;
/** A reader that is so far behind is cut off; it comes back with its last event's ID. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;
const ID = /^[A-Za-z0-9/._-]{1,128}$/;

/** Server-sent events to a bounded number of readers. */
export class EventFeed {
  readonly #readers = new Map<ServerResponse, () => void>();
  readonly #most: number;
  readonly #subscribe: (subscriber: FeedSubscriber) => () => void;

  constructor(most: number, subscribe: (subscriber: FeedSubscriber) => () => void) {
    this.#most = most;
    this.#subscribe = subscribe;
  }

  /**
   * Turns an answer into a feed.
   * @throws EkoError `RATE_LIMITED`, `INVALID_ARGUMENT`
   */
  open(lastEventId: string | string[] | undefined, response: ServerResponse): void {
    if (this.#readers.size >= this.#most) {
      throw new EkoError('RATE_LIMITED', `This feed has its ${this.#most} readers`, {
        details: { retryAfterMs: 5_000 },
      });
    }
    if (lastEventId !== undefined && (typeof lastEventId !== 'string' || !ID.test(lastEventId))) {
      throw new EkoError('INVALID_ARGUMENT', 'last-event-id is the id of an event of this feed');
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    response.write(': eko\n\n');
    const write = (text: string): void => {
      if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
      else response.write(text);
    };
    const heartbeat = setInterval(() => {
      write(': heartbeat\n\n');
    }, HEARTBEAT_MS);
    const unsubscribe = this.#subscribe({
      lastEventId,
      send: ({ id, name, data }) => {
        write(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
      },
      end: () => response.end(),
    });
    const stop = (): void => {
      clearInterval(heartbeat);
      unsubscribe();
      this.#readers.delete(response);
    };
    this.#readers.set(response, stop);
    response.once('close', stop);
  }

  /** Ends every feed. */
  close(): void {
    for (const [response, stop] of this.#readers) {
      stop();
      response.end();
    }
  }
}
