import type { Socket } from 'node:net';
import { AddressRate, type AddressRateLimit } from './address-rate';
import type { StreamClock } from './stream-clock';

/** Bounds of what a stranger can make a stream server do. */
export interface AdmissionLimits {
  /** Connections at a time that have not proved a key yet. */
  readonly pendingHandshakes: number;
  /** Time from the TCP accept until both confirmations are exchanged. */
  readonly handshakeMs: number;
  readonly perAddress: AddressRateLimit;
}

/** Why a connection was turned away before it proved a key: too many, too slow, or it closed or failed on the way. */
export type AdmissionRefusal = 'rate' | 'pending' | 'deadline' | 'handshake';

interface Pending {
  readonly socket: Socket;
  readonly cancelDeadline: () => void;
}

/** The connections of a stream server that have not proved a key yet: few, and none for long. */
export class StreamAdmission {
  readonly #pending = new Map<string, Pending>();
  readonly #rate: AddressRate;
  readonly #limits: AdmissionLimits;
  readonly #clock: StreamClock;
  readonly #onRefused: (refusal: AdmissionRefusal) => void;

  constructor(limits: AdmissionLimits, clock: StreamClock, onRefused: (refusal: AdmissionRefusal) => void) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onRefused = onRefused;
    this.#rate = new AddressRate(limits.perAddress, clock);
  }

  /** How many connections are pending. */
  get size(): number {
    return this.#pending.size;
  }

  /** Starts the deadline of a fresh TCP connection, or destroys it and answers false. */
  admit(socket: Socket): boolean {
    const peer = peerOf(socket);
    if (peer === undefined) {
      socket.destroy();
      return false;
    }
    if (!this.#rate.take(socket.remoteAddress ?? '')) return this.#refuse(socket, 'rate');
    if (this.#pending.size >= this.#limits.pendingHandshakes) return this.#refuse(socket, 'pending');
    const cancelDeadline = this.#clock.schedule(this.#limits.handshakeMs, () => {
      this.settle(socket);
      this.#refuse(socket, 'deadline');
    });
    this.#pending.set(peer, { socket, cancelDeadline });
    socket.once('close', () => {
      if (this.#forget(peer)) this.#onRefused('handshake');
    });
    return true;
  }

  /** Ends the deadline; answers whether the connection was still pending. Takes the TCP or the TLS socket. */
  settle(socket: Socket): boolean {
    const peer = peerOf(socket);
    return peer !== undefined && this.#forget(peer);
  }

  /** Destroys everything that is pending. */
  close(): void {
    for (const [peer, { socket }] of [...this.#pending]) {
      this.#forget(peer);
      socket.destroy();
    }
  }

  #forget(peer: string): boolean {
    this.#pending.get(peer)?.cancelDeadline();
    return this.#pending.delete(peer);
  }

  #refuse(socket: Socket, refusal: AdmissionRefusal): false {
    socket.destroy();
    this.#onRefused(refusal);
    return false;
  }
}

/** The peer's address and port: what the TCP socket and the TLS socket over it have in common. */
function peerOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : `${remoteAddress} ${remotePort}`;
}
