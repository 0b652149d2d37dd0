import type { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import { withDeadline, type CallLimits } from '@eko/sdk';

interface Waiting {
  readonly take: (connection: Duplex) => void;
}

/** A connection that no program has asked for yet. */
interface Held {
  readonly connection: Duplex;
  /** Ends the wait: from here on the connection lives as long as it is used. */
  readonly release: () => void;
}

/** How long a connection waits for its application. */
const HOLD_MS = 30_000;
const HELD_PER_STREAM = 4;

/** Brings a provider's incoming connections together with the local programs that ask for them. */
export class IncomingStreams {
  readonly #connections = new Map<string, Held[]>();
  readonly #programs = new Map<string, Waiting[]>();

  /** Takes a connection of a stream; resolves when it is over, so that it counts as handled until then. */
  arrived(streamId: string, connection: Duplex): Promise<void> {
    const over = new Promise<void>((resolve) => connection.once('close', resolve));
    const program = this.#programs.get(streamId)?.shift();
    if (program !== undefined) {
      program.take(connection);
      return over;
    }
    const held = this.#connections.get(streamId) ?? [];
    if (held.length >= HELD_PER_STREAM) {
      connection.destroy();
      return over;
    }
    const timer = setTimeout(() => connection.destroy(), HOLD_MS);
    const release = (): void => {
      clearTimeout(timer);
      connection.off('close', release);
      this.#forget(streamId, connection);
    };
    connection.once('close', release);
    this.#connections.set(streamId, [...held, { connection, release }]);
    return over;
  }

  /**
   * A connection of the stream: one that waits, or the next.
   * @throws EkoError `PEER_UNAVAILABLE` when none comes in time, `CANCELLED`
   */
  async next(streamId: string, { deadlineMs, signal }: Required<CallLimits>): Promise<Duplex> {
    const held = this.#connections.get(streamId)?.[0];
    if (held !== undefined) {
      held.release();
      return held.connection;
    }
    let waiting: Waiting | undefined;
    try {
      return await withDeadline(
        'Waiting for the initiator',
        { deadlineMs, signal },
        () =>
          new Promise<Duplex>((resolve) => {
            waiting = { take: resolve };
            this.#programs.set(streamId, [...(this.#programs.get(streamId) ?? []), waiting]);
          }),
      );
    } catch (error) {
      if (error instanceof EkoError && error.code === 'DEADLINE_EXCEEDED') {
        throw new EkoError('PEER_UNAVAILABLE', 'The initiator has not asked for the stream in time', {
          cause: error,
        });
      }
      throw error;
    } finally {
      const left = (this.#programs.get(streamId) ?? []).filter((each) => each !== waiting);
      if (left.length > 0) this.#programs.set(streamId, left);
      else this.#programs.delete(streamId);
    }
  }

  #forget(streamId: string, connection: Duplex): void {
    const left = (this.#connections.get(streamId) ?? []).filter((each) => each.connection !== connection);
    if (left.length > 0) this.#connections.set(streamId, left);
    else this.#connections.delete(streamId);
  }
}
