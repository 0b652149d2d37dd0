import { EkoError, LIMITS, type EndReason } from '@eko/protocol';
import { LONGEST_TIMER_MS, systemStreamClock, type StreamClock } from './stream-clock';
import {
  disposeStreamCredentials,
  isSameKey,
  verifyStreamCredentials,
  type StreamCredentials,
  type StreamRole,
} from './stream-credentials';

/** Closes one connection at once and gives its user `error`. Must not throw. */
export type CutConnection = (error: EkoError) => void;

/** The credentials of one epoch, with the connections that were made with them. */
interface Grant {
  readonly credentials: StreamCredentials;
  readonly role: StreamRole;
  readonly cuts: Set<CutConnection>;
  cancelExpiry: () => void;
}

interface Tombstone {
  readonly reason: EndReason;
  readonly endedAtUnixMs: number;
}

/** No stream lasts longer, so that no credentials of one that ended before this can turn up. */
const TOMBSTONE_LIFETIME_MS = LIMITS.durationSecondsMax * 1000;

/**
 * The one place that knows which streams an endpoint may use, and which connections each of them has, as client and
 * as server. It owns the credentials: an end closes every connection and wipes every key before `end` returns, and
 * nothing that is granted afterwards is accepted.
 *
 * An end is remembered for as long as a stream can last, so that credentials which arrive late find it.
 * @see docs/protocol.md, "5. The key and the stream" and "6. The end"
 */
export class LiveStreams {
  readonly #grants = new Map<string, Grant>();
  readonly #identities = new Map<string, Set<string>>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #clock: StreamClock;

  constructor(options: { readonly clock?: StreamClock } = {}) {
    this.#clock = options.clock ?? systemStreamClock;
  }

  /**
   * Takes over the credentials of one epoch, for one role only: a server never answers with the key that its own side
   * calls out with, else it could be connected to itself. Of equal credentials the first stay and the copy is wiped.
   * @returns the credentials in force, which alone may be used from here on
   * @throws EkoError `STREAM_ENDED` after an end or when expired; `INVALID_KEY` for the wrong shape; `BAD_STATE` for
   * an identity that is in use for another role, stream or key. What was given is wiped then.
   */
  grant(credentials: StreamCredentials, role: StreamRole): StreamCredentials {
    const { identity, streamId } = credentials;
    const earlier = this.#grants.get(identity);
    if (earlier?.credentials === credentials && earlier.role === role) {
      this.#verifyOpen(credentials);
      return credentials;
    }
    try {
      this.#verifyOpen(credentials);
      verifyStreamCredentials(credentials);
      if (earlier !== undefined && (earlier.role !== role || !isSameKey(earlier.credentials, credentials)))
        throw new EkoError('BAD_STATE', 'This PSK identity is in use for another role, stream or key');
    } catch (error) {
      disposeStreamCredentials(credentials);
      throw error;
    }
    if (earlier !== undefined) {
      disposeStreamCredentials(credentials);
      return earlier.credentials;
    }
    const grant: Grant = { credentials, role, cuts: new Set(), cancelExpiry: () => undefined };
    this.#grants.set(identity, grant);
    const identities = this.#identities.get(streamId);
    if (identities === undefined) this.#identities.set(streamId, new Set([identity]));
    else identities.add(identity);
    this.#watchExpiry(grant);
    return credentials;
  }

  /** The credentials that may be used now for a PSK identity in a role. Pure and synchronous, for the TLS callback. */
  credentialsFor(identity: string, role: StreamRole): StreamCredentials | undefined {
    const grant = this.#grants.get(identity);
    if (grant?.role !== role || this.#isExpired(grant.credentials)) return undefined;
    return grant.credentials;
  }

  /**
   * Notes a connection from its first moment, so that an end closes it. The answer forgets it again.
   * @throws EkoError `STREAM_ENDED` after an end or when expired, `BAD_STATE` for credentials that were not granted
   */
  hold(credentials: StreamCredentials, cut: CutConnection): () => void {
    this.#verifyOpen(credentials);
    const grant = this.#grants.get(credentials.identity);
    if (grant === undefined)
      throw new EkoError('BAD_STATE', `The credentials of stream ${credentials.streamId} are not granted`);
    grant.cuts.add(cut);
    return () => {
      grant.cuts.delete(cut);
    };
  }

  /**
   * Ends a stream: remembers the end, wipes the keys of all its epochs and closes all its connections, before it
   * returns. The first reason stays.
   * @returns how many connections were closed
   */
  end(streamId: string, reason: EndReason): number {
    if (!this.#tombstones.has(streamId)) {
      this.#forgetOldTombstones();
      this.#tombstones.set(streamId, { reason, endedAtUnixMs: this.#clock.nowUnixMs() });
    }
    const identities = this.#identities.get(streamId);
    if (identities === undefined) return 0;
    const error = streamEndedError(streamId, this.#tombstones.get(streamId)?.reason ?? reason);
    let closed = 0;
    for (const identity of [...identities]) closed += this.#withdraw(identity, error);
    return closed;
  }

  /** Why a stream ended, if it did. */
  endReason(streamId: string): EndReason | undefined {
    return this.#tombstones.get(streamId)?.reason;
  }

  /** How many connections a stream has now. */
  connectionCount(streamId: string): number {
    let count = 0;
    for (const identity of this.#identities.get(streamId) ?? [])
      count += this.#grants.get(identity)?.cuts.size ?? 0;
    return count;
  }

  /** Wipes all keys and closes all connections, because the endpoint stops; no stream counts as ended by it. */
  close(): void {
    const error = new EkoError('SHUTTING_DOWN', 'This endpoint is stopping; open the stream again later');
    for (const identity of [...this.#grants.keys()]) this.#withdraw(identity, error);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #verifyOpen(credentials: StreamCredentials): void {
    const reason =
      this.endReason(credentials.streamId) ?? (this.#isExpired(credentials) ? 'expired' : undefined);
    if (reason !== undefined) throw streamEndedError(credentials.streamId, reason);
  }

  #isExpired(credentials: StreamCredentials): boolean {
    return this.#clock.nowUnixMs() >= credentials.notAfterUnixMs;
  }

  /** Timers count monotonic time and are bounded, expiry is wall-clock time: look again whenever one fires early. */
  #watchExpiry(grant: Grant): void {
    const { credentials } = grant;
    const leftMs = credentials.notAfterUnixMs - this.#clock.nowUnixMs();
    if (leftMs <= 0) {
      this.#withdraw(credentials.identity, streamEndedError(credentials.streamId, 'expired'));
      return;
    }
    grant.cancelExpiry = this.#clock.schedule(Math.min(leftMs, LONGEST_TIMER_MS), () => {
      this.#watchExpiry(grant);
    });
  }

  /** Keys first, connections second: whatever runs on a close finds no key any more. */
  #withdraw(identity: string, error: EkoError): number {
    const grant = this.#grants.get(identity);
    if (grant === undefined) return 0;
    this.#grants.delete(identity);
    const { streamId } = grant.credentials;
    const identities = this.#identities.get(streamId);
    identities?.delete(identity);
    if (identities?.size === 0) this.#identities.delete(streamId);
    grant.cancelExpiry();
    disposeStreamCredentials(grant.credentials);
    const cuts = [...grant.cuts];
    for (const cut of cuts) cut(error);
    return cuts.length;
  }

  #forgetOldTombstones(): void {
    const before = this.#clock.nowUnixMs() - TOMBSTONE_LIFETIME_MS;
    for (const [streamId, { endedAtUnixMs }] of this.#tombstones) {
      if (endedAtUnixMs >= before) return;
      this.#tombstones.delete(streamId);
    }
  }
}

/** What the user of a connection sees when its stream ends. */
export function streamEndedError(streamId: string, reason: EndReason): EkoError {
  return new EkoError('STREAM_ENDED', `Stream ${streamId} has ended (${reason}); request a new one`, {
    details: { streamId, reason },
  });
}
