import type { Socket } from 'node:net';
import { addressShareOf } from '../admission/address-share';
import { connectionIdOf } from '../admission/connection-id';
import { ConnectionShares } from '../admission/connection-shares';
import type { StreamClock } from './stream-clock';

/** Bounds of what a stranger can make a stream server do. */
export interface AdmissionLimits {
  /** Connections at a time that have not proved a key yet; the oldest makes room. */
  readonly pendingHandshakes: number;
  /** Of them, of one address. */
  readonly pendingEach: number;
  /** Time from the TCP accept until both confirmations are exchanged. */
  readonly handshakeMs: number;
}

/**
 * Why a connection was turned away before it proved a key: it made room for a newer one, was too slow, or it closed or
 * failed on the way.
 */
export type AdmissionRefusal = 'crowded' | 'deadline' | 'handshake';

/**
 * The connections of a stream server that have not proved a key yet: a share of them for each address, and none for
 * long. A new one always gets in, so that no stranger keeps a party out; those that have proved a key do not count.
 */
export class StreamAdmission {
  readonly #pending: ConnectionShares;
  readonly #deadlines = new Map<string, { readonly socket: Socket; readonly cancel: () => void }>();
  readonly #limits: AdmissionLimits;
  readonly #clock: StreamClock;
  readonly #onRefused: (refusal: AdmissionRefusal) => void;

  constructor(limits: AdmissionLimits, clock: StreamClock, onRefused: (refusal: AdmissionRefusal) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onRefused = onRefused;
    this.#pending = new ConnectionShares({ most: limits.pendingHandshakes, mostEach: limits.pendingEach });
  }

  /** How many connections are pending. */
  get size(): number {
    return this.#pending.size;
  }

  /** Starts the deadline of a fresh TCP connection; answers false where it is closed already. */
  admit(socket: Socket): boolean {
    const id = connectionIdOf(socket);
    if (id === undefined) {
      socket.destroy();
      return false;
    }
    const cancel = this.#clock.schedule(this.#limits.handshakeMs, () => {
      if (this.#forget(id)) this.#refuse(socket, 'deadline');
    });
    this.#deadlines.set(id, { socket, cancel });
    socket.once('close', () => {
      if (this.#forget(id)) this.#onRefused('handshake');
    });
    this.#pending.add(addressShareOf(socket.remoteAddress ?? ''), id, () => {
      this.#cancelDeadline(id);
      this.#refuse(socket, 'crowded');
    });
    return true;
  }

  /** Ends the deadline; answers whether the connection was still pending. Takes the TCP or the TLS socket. */
  settle(socket: Socket): boolean {
    const id = connectionIdOf(socket);
    return id !== undefined && this.#forget(id);
  }

  /** Destroys everything that is pending. */
  close(): void {
    for (const [id, { socket }] of [...this.#deadlines]) {
      this.#forget(id);
      socket.destroy();
    }
  }

  #forget(id: string): boolean {
    this.#cancelDeadline(id);
    return this.#pending.remove(id);
  }

  #cancelDeadline(id: string): void {
    this.#deadlines.get(id)?.cancel();
    this.#deadlines.delete(id);
  }

  #refuse(socket: Socket, refusal: AdmissionRefusal): void {
    socket.destroy();
    this.#onRefused(refusal);
  }
}
