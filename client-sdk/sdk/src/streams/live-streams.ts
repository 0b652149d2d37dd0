import { EkoError, LIMITS, type EndReason } from '@eko/protocol';
import type { DataDirection } from './granted-directions';
import { LONGEST_TIMER_MS, systemStreamClock, type StreamClock } from './stream-clock';
import { StreamTraffic, type TrafficObserver } from './stream-traffic';
import { StreamEnding, type EndedStream } from './stream-ending';
import {
  disposeStreamCredentials,
  isSameKey,
  verifyStreamCredentials,
  type StreamCredentials,
  type StreamRole,
} from './stream-credentials';

/** Closes one connection at once and gives its user `error`. Must not throw. */
export type CutConnection = (error: EkoError) => void;

/**
 * Answers why a connection of a stream was lost: `loss`, or that the stream has ended, once that is known. Asked once a
 * connection; must not reject.
 */
export type ReasonOfLoss = (stream: LostStream, loss: Error, signal?: AbortSignal) => Promise<Error>;

/** Whose connection was lost. */
export type LostStream = Pick<StreamCredentials, 'streamId' | 'notAfterUnixMs'>;

/** What live streams are told beside their streams. */
export interface LiveStreamsOptions {
  readonly clock?: StreamClock;
  readonly reasonOfLoss?: ReasonOfLoss;
  readonly traffic?: TrafficObserver;
  /** Told of each end that came from the ledger, when the last connection of its stream is closed. Must not throw. */
  readonly onEnded?: (ended: EndedStream) => void;
  /** Told of data that went a way which its stream does not permit. Must not throw. */
  readonly onDirectionRefused?: (streamId: string, direction: DataDirection) => void;
}

/** The credentials of one epoch, with the connections that were made with them. */
interface Grant {
  readonly credentials: StreamCredentials;
  readonly role: StreamRole;
  readonly cuts: Set<CutConnection>;
  /** Connections that are lost and only wait to be told why, oldest first; they count no longer. */
  readonly lost: Map<CutConnection, () => void>;
  /** Of the end that withdrew it. */
  ending?: StreamEnding;
  cancelExpiry: () => void;
}

interface Tombstone {
  readonly reason: EndReason;
  readonly endedAtUnixMs: number;
}

/** Lost connections of one epoch that wait to be told why: whoever holds the key could otherwise pile them up. */
const LOST_MAX = 64;

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
  readonly #onEnded: (ended: EndedStream) => void;
  /** The connections whose both ends proved the key. */
  readonly traffic: StreamTraffic;
  readonly #endWatchers = new Map<string, Set<() => void>>();
  /** Answers why a connection of a stream was lost, or could not be made. */
  readonly reasonOf: ReasonOfLoss;

  /** Told of data that went a way which its stream does not permit. Must not throw. */
  readonly onDirectionRefused: (streamId: string, direction: DataDirection) => void;

  constructor(options: LiveStreamsOptions = {}) {
    this.onDirectionRefused = options.onDirectionRefused ?? (() => undefined);
    this.#clock = options.clock ?? systemStreamClock;
    this.reasonOf = options.reasonOfLoss ?? ((_stream, loss) => Promise.resolve(loss));
    this.#onEnded = options.onEnded ?? (() => undefined);
    this.traffic = new StreamTraffic(() => this.#clock.monotonicMs(), options.traffic);
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
    const grant: Grant = {
      credentials,
      role,
      cuts: new Set(),
      lost: new Map(),
      cancelExpiry: () => undefined,
    };
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
   * @throws EkoError `STREAM_ENDED` after an end or when expired, `BAD_STATE` for credentials that were not granted,
   *   `CONNECTION_LIMIT` beyond what the stream's policy allows
   */
  hold(credentials: StreamCredentials, cut: CutConnection): () => void {
    this.#verifyOpen(credentials);
    const grant = this.#grants.get(credentials.identity);
    if (grant === undefined)
      throw new EkoError('BAD_STATE', `The credentials of stream ${credentials.streamId} are not granted`);
    const { streamId, maxConnections } = grant.credentials;
    if (this.connectionCount(streamId) >= maxConnections)
      throw new EkoError(
        'CONNECTION_LIMIT',
        `Stream ${streamId} has ${maxConnections} connections: end one first`,
        {
          details: { streamId, maxConnections },
        },
      );
    grant.cuts.add(cut);
    return () => {
      const isCounted = grant.cuts.delete(cut);
      if (grant.lost.delete(cut) || isCounted) grant.ending?.closed();
    };
  }

  /**
   * Answers what the user of a lost connection is to be told. Until then the connection counts no longer, and an end of
   * its stream still closes it; of those that wait, only so many do.
   */
  lost(credentials: StreamCredentials, cut: CutConnection, loss: Error): Promise<Error> {
    const reason = this.reasonOf(credentials, loss);
    const grant = this.#grants.get(credentials.identity);
    if (grant?.cuts.delete(cut) !== true) return reason;
    const [oldest] = grant.lost;
    if (oldest !== undefined && grant.lost.size >= LOST_MAX) {
      grant.lost.delete(oldest[0]);
      oldest[1]();
    }
    const crowdedOut = new Promise<Error>((resolve) => {
      grant.lost.set(cut, () => {
        resolve(loss);
      });
    });
    return Promise.race([reason, crowdedOut]);
  }

  /**
   * Ends a stream: remembers the end, wipes the keys of all its epochs and closes all its connections, before it
   * returns. The first reason stays.
   * @param arrivedAtMs - when the ledger's word of it arrived, in monotonic milliseconds: then the observer is told
   * @returns how many connections were closed
   */
  end(streamId: string, reason: EndReason, arrivedAtMs?: number): number {
    if (!this.#tombstones.has(streamId)) {
      this.#forgetOldTombstones();
      this.#tombstones.set(streamId, { reason, endedAtUnixMs: this.#clock.nowUnixMs() });
    }
    const error = streamEndedError(streamId, this.#tombstones.get(streamId)?.reason ?? reason);
    const ending = new StreamEnding((connections) => {
      if (arrivedAtMs === undefined) return;
      const closedAfterMs = this.#clock.monotonicMs() - arrivedAtMs;
      this.#onEnded({ streamId, reason, connections, closedAfterMs });
    });
    let closed = 0;
    for (const identity of [...(this.#identities.get(streamId) ?? [])])
      closed += this.#withdraw(identity, error, ending);
    ending.begun();
    for (const watcher of [...(this.#endWatchers.get(streamId) ?? [])]) watcher();
    return closed;
  }

  /** Calls `watcher` when a stream ends, until the answer is called. Must not throw. */
  watchEnd(streamId: string, watcher: () => void): () => void {
    const watchers = this.#endWatchers.get(streamId) ?? new Set();
    this.#endWatchers.set(streamId, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#endWatchers.delete(streamId);
    };
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
  #withdraw(identity: string, error: EkoError, ending?: StreamEnding): number {
    const grant = this.#grants.get(identity);
    if (grant === undefined) return 0;
    this.#grants.delete(identity);
    const { streamId } = grant.credentials;
    const identities = this.#identities.get(streamId);
    identities?.delete(identity);
    if (identities?.size === 0) this.#identities.delete(streamId);
    grant.cancelExpiry();
    disposeStreamCredentials(grant.credentials);
    const cuts = [...grant.cuts, ...grant.lost.keys()];
    if (ending !== undefined) grant.ending = ending;
    ending?.closing(cuts.length);
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
