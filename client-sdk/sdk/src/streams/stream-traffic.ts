import type { StreamCredentials } from './stream-credentials';

/** A connection as far as it is counted: a TLS socket. Bytes are those of its two ends, marks of EKO among them. */
export interface CountedConnection {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  once(event: 'close', listener: () => void): unknown;
}

/** A connection that was open, once it is closed. */
export interface ClosedConnection {
  readonly streamId: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly openMs: number;
}

/** Told of connections whose both ends proved the key. Must not throw. */
export interface TrafficObserver {
  onOpened?(streamId: string): void;
  onClosed?(connection: ClosedConnection): void;
}

/** What an endpoint moves over its secure streams: the connections that are open, and bytes each way so far. */
export class StreamTraffic {
  readonly #open = new Set<CountedConnection>();
  readonly #observer: TrafficObserver;
  readonly #nowMs: () => number;
  #receivedBytes = 0;
  #sentBytes = 0;

  /** @param nowMs - monotonic milliseconds */
  constructor(nowMs: () => number, observer: TrafficObserver = {}) {
    this.#nowMs = nowMs;
    this.#observer = observer;
  }

  /** Open connections. */
  get connections(): number {
    return this.#open.size;
  }

  /** Bytes that came in, over connections that are open and that were. */
  get receivedBytes(): number {
    return [...this.#open].reduce((sum, { bytesRead }) => sum + bytesRead, this.#receivedBytes);
  }

  /** Bytes that went out. */
  get sentBytes(): number {
    return [...this.#open].reduce((sum, { bytesWritten }) => sum + bytesWritten, this.#sentBytes);
  }

  /** Counts a connection from the proof of its key to its close. */
  opened({ streamId }: Pick<StreamCredentials, 'streamId'>, connection: CountedConnection): void {
    const openedAtMs = this.#nowMs();
    this.#open.add(connection);
    this.#observer.onOpened?.(streamId);
    connection.once('close', () => {
      const { bytesRead: receivedBytes, bytesWritten: sentBytes } = connection;
      this.#open.delete(connection);
      this.#receivedBytes += receivedBytes;
      this.#sentBytes += sentBytes;
      this.#observer.onClosed?.({ streamId, receivedBytes, sentBytes, openMs: this.#nowMs() - openedAtMs });
    });
  }
}
