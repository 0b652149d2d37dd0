import type { Duplex } from 'node:stream';
import { EkoError, LIMITS } from '@eko/protocol';
import type { CallLimits } from '@eko/sdk';
import { withDeadline } from '@eko/sdk/node';

/** A local program that has asked for a connection. */
interface Waiting {
  readonly take: (connection: Duplex) => void;
}

/** A connection that no program has asked for yet; its initiator sends nothing before one has. */
interface Held {
  readonly connection: Duplex;
  readonly go: () => void;
}

/** How long a connection waits for its application: for as long as its initiator may. */
const HOLD_MS = LIMITS.transferWaitSeconds * 1_000;
const HELD_PER_STREAM = 4;

/** Brings a provider's incoming connections together with the local programs that ask for them. */
export class IncomingStreams {
  readonly #held = new Map<string, Held[]>();
  readonly #programs = new Map<string, Waiting[]>();
  /** Connections that a program has, and that are about to arrive. */
  readonly #promised = new Map<Duplex, Waiting>();

  /**
   * Resolves when a program has asked for this connection, which is that program's then.
   *
   * @throws EkoError `PEER_UNAVAILABLE` when none does in time, when too many wait, or when the connection is gone
   */
  async ready(streamId: string, connection: Duplex): Promise<void> {
    const program = this.#programs.get(streamId)?.shift();
    if (program === undefined) await this.#hold(streamId, connection);
    else this.#promise(streamId, connection, program);
  }

  /** Takes a connection of a stream that is ready; resolves when it is over, so that it counts as handled until then. */
  arrived(streamId: string, connection: Duplex): Promise<void> {
    const over = new Promise<void>((resolve) => connection.once('close', resolve));
    // Its program may have left meanwhile, and another may wait.
    const program = this.#promised.get(connection) ?? this.#programs.get(streamId)?.shift();
    this.#promised.delete(connection);
    if (program === undefined) connection.destroy();
    else program.take(connection);
    return over;
  }

  /**
   * A connection of the stream: one that waits, or the next.
   * @throws EkoError `PEER_UNAVAILABLE` when none comes in time, `CANCELLED`
   */
  async next(streamId: string, { deadlineMs, signal }: Required<CallLimits>): Promise<Duplex> {
    let waiting: Waiting | undefined;
    try {
      return await withDeadline(
        'Waiting for the initiator',
        { deadlineMs, signal },
        () =>
          new Promise<Duplex>((resolve) => {
            waiting = { take: resolve };
            this.#ask(streamId, waiting);
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
      this.#leave(streamId, waiting);
    }
  }

  #ask(streamId: string, program: Waiting): void {
    const held = this.#held.get(streamId)?.[0];
    if (held === undefined) {
      this.#programs.set(streamId, [...(this.#programs.get(streamId) ?? []), program]);
      return;
    }
    this.#promise(streamId, held.connection, program);
    held.go();
  }

  #leave(streamId: string, program: Waiting | undefined): void {
    const left = (this.#programs.get(streamId) ?? []).filter((each) => each !== program);
    if (left.length > 0) this.#programs.set(streamId, left);
    else this.#programs.delete(streamId);
    for (const [connection, each] of this.#promised) if (each === program) this.#promised.delete(connection);
  }

  /** Where the connection is gone before it arrives, its program waits for the next. */
  #promise(streamId: string, connection: Duplex, program: Waiting): void {
    this.#promised.set(connection, program);
    connection.once('close', () => {
      if (this.#promised.get(connection) !== program) return;
      this.#promised.delete(connection);
      this.#ask(streamId, program);
    });
  }

  #hold(streamId: string, connection: Duplex): Promise<void> {
    const held = this.#held.get(streamId) ?? [];
    return new Promise((resolve, reject) => {
      const refuse = (text: string): void => reject(new EkoError('PEER_UNAVAILABLE', text));
      if (held.length >= HELD_PER_STREAM) {
        refuse('Too many connections of this stream wait for a program');
        return;
      }
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        connection.off('close', onClose);
        const left = (this.#held.get(streamId) ?? []).filter((each) => each.connection !== connection);
        if (left.length > 0) this.#held.set(streamId, left);
        else this.#held.delete(streamId);
        finish();
      };
      const onClose = (): void => settle(() => refuse('The initiator has gone'));
      const timer = setTimeout(() => settle(() => refuse('No program asks for this stream')), HOLD_MS);
      connection.once('close', onClose);
      this.#held.set(streamId, [...held, { connection, go: () => settle(resolve) }]);
    });
  }
}
