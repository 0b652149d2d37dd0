import { LIMITS, type EndReason, type ErrorCode, type StreamState } from '@eko/protocol';

/** Who acts. `witness` serves the bundle if it was drawn; `stranger` has nothing to do with it. */
export type Actor = 'initiator' | 'provider' | 'lead' | 'witness' | 'stranger';
type Streams = 'all' | readonly number[];

/** One act upon a bundle. */
export type Act =
  | { readonly kind: 'accept' | 'decline' | 'reassign'; readonly by: Actor }
  | { readonly kind: 'deal' }
  | { readonly kind: 'authorize'; readonly by: Actor; readonly streams: Streams }
  | {
      readonly kind: 'end';
      readonly by: Actor;
      readonly streams: Streams;
      readonly reason: 'completed' | 'failed' | 'expired';
    }
  | { readonly kind: 'revoke'; readonly by: Actor; readonly streams: Streams }
  | { readonly kind: 'advance'; readonly milliseconds: number };

/** What should become of an act: a change, the same answer without one, or a refusal. */
export type Verdict = 'change' | 'same' | ErrorCode;

/**
 * The life of one bundle as the protocol tells it, in a few plain facts.
 * @see docs/protocol.md, "1. Request and consent" and "6. The end"
 */
export class LifecycleModel {
  nowUnixMs: number;
  /** Of the assignments made; none before consent, so that nobody leads. */
  readonly fences: number[] = [];
  isActive = false;
  isWitnessDrawn = false;
  whole: EndReason | undefined;
  readonly single = new Map<number, EndReason>();
  #consentedAt: number | undefined;
  #assignedAt = 0;
  readonly #requestedAt: number;
  readonly #notAfter: number;

  constructor(nowUnixMs: number, durationMs: number) {
    this.nowUnixMs = nowUnixMs;
    this.#requestedAt = nowUnixMs;
    this.#notAfter = nowUnixMs + durationMs;
  }

  /** The state that a stream must have. */
  stateOf(index: number): StreamState {
    if (this.whole !== undefined || this.single.has(index) || this.#lapse() !== undefined) return 'ended';
    if (this.isActive) return 'active';
    return this.#consentedAt === undefined ? 'requested' : 'accepted';
  }

  /** Why a stream must have ended. */
  reasonOf(index: number): EndReason | undefined {
    return this.single.get(index) ?? this.whole ?? this.#lapse();
  }

  /** Applies an act and says what should become of it. */
  apply(act: Act): Verdict {
    switch (act.kind) {
      case 'advance':
        this.nowUnixMs += act.milliseconds;
        return 'change';
      case 'accept':
        return this.#accept(act.by);
      case 'decline':
        return this.#decline(act.by);
      case 'deal':
        return this.#deal();
      case 'reassign':
        return this.#reassign(act.by);
      case 'authorize':
        return this.#authorize(act.by, act.streams);
      case 'end':
        return this.#end(act);
      case 'revoke':
        return this.#revoke(act.by, act.streams);
    }
  }

  #accept(by: Actor): Verdict {
    if (by !== 'provider') return 'FORBIDDEN';
    if (this.whole !== undefined) return 'STREAM_ENDED';
    if (this.#consentedAt !== undefined) return 'same';
    if (this.nowUnixMs >= this.#consentDue()) return 'STREAM_ENDED';
    this.#consentedAt = this.nowUnixMs;
    this.fences.push(0);
    this.#assignedAt = this.nowUnixMs;
    return 'change';
  }

  #decline(by: Actor): Verdict {
    if (by !== 'provider') return 'FORBIDDEN';
    if (this.whole !== undefined) return 'STREAM_ENDED';
    if (this.#consentedAt !== undefined) return 'BAD_STATE';
    if (this.nowUnixMs >= this.#consentDue()) return 'STREAM_ENDED';
    this.whole = 'declined';
    return 'change';
  }

  #deal(): Verdict {
    if (this.whole !== undefined) return 'STREAM_ENDED';
    if (this.#consentedAt === undefined || this.#isPastItsTime()) return 'BAD_STATE';
    if (this.isActive) return 'ALREADY_EXISTS';
    if (this.nowUnixMs >= this.#setupDue(this.#consentedAt)) return 'STREAM_ENDED';
    this.isActive = true;
    return 'change';
  }

  #reassign(by: Actor): Verdict {
    if (by === 'witness' || by === 'stranger') return 'FORBIDDEN';
    if (this.whole !== undefined) return 'STREAM_ENDED';
    if (this.isActive || this.#consentedAt === undefined) return 'BAD_STATE';
    if (this.#lapse() !== undefined) return 'STREAM_ENDED';
    if (this.nowUnixMs < this.#assignedAt + LIMITS.replacedAfterMs) return 'NOT_OVERDUE';
    if (this.fences.length >= LIMITS.fences) return 'BAD_STATE';
    this.#assignedAt = this.nowUnixMs;
    this.fences.push(this.fences.length);
    return 'change';
  }

  #authorize(by: Actor, streams: Streams): Verdict {
    if (!isParty(by)) return 'FORBIDDEN';
    // A permit for all streams names each of them, also one that ended by itself.
    if (this.#hasEnded(streams) || (streams === 'all' && this.single.size > 0)) return 'STREAM_ENDED';
    return this.isActive && !this.#isPastItsTime() ? 'change' : 'BAD_STATE';
  }

  #end({ by, streams, reason }: Extract<Act, { kind: 'end' }>): Verdict {
    if (this.#hasEnded(streams) || this.#lapse() !== undefined) return 'STREAM_ENDED';
    const refusal = { completed: this.#completion, failed: this.#failure, expired: this.#expiry }[
      reason
    ].call(this, by);
    if (refusal !== undefined) return refusal;
    return this.#write(streams, reason);
  }

  #completion(by: Actor): Verdict | undefined {
    if (!isParty(by)) return 'FORBIDDEN';
    return this.isActive ? undefined : 'BAD_STATE';
  }

  #failure(by: Actor): Verdict | undefined {
    if (isParty(by)) return undefined;
    if (by !== 'lead' || this.fences.length === 0) return 'FORBIDDEN';
    return this.isActive ? 'BAD_STATE' : undefined;
  }

  #expiry(by: Actor): Verdict | undefined {
    if (by === 'stranger' || (by === 'lead' && this.fences.length === 0)) return 'FORBIDDEN';
    if (by === 'witness' && !(this.isActive && this.isWitnessDrawn)) return 'FORBIDDEN';
    // Parties may end it anyway; for others it is over by every clock that the peers allow.
    const notBefore = this.#notAfter + (isParty(by) ? 0 : LIMITS.clockSkewMs);
    return this.nowUnixMs >= notBefore ? undefined : 'BAD_STATE';
  }

  #revoke(by: Actor, streams: Streams): Verdict {
    if (!isParty(by) && (by !== 'lead' || this.fences.length === 0)) return 'FORBIDDEN';
    return this.whole !== undefined ? 'same' : this.#write(streams, 'revoked');
  }

  #write(streams: Streams, reason: EndReason): Verdict {
    if (streams === 'all') {
      this.whole = reason;
      return 'change';
    }
    if (!this.isActive) return 'BAD_STATE';
    const fresh = streams.filter((index) => !this.single.has(index));
    for (const index of fresh) this.single.set(index, reason);
    return fresh.length === 0 ? 'same' : 'change';
  }

  #hasEnded(streams: Streams): boolean {
    if (this.whole !== undefined) return true;
    return streams !== 'all' && streams.some((index) => this.single.has(index));
  }

  #consentDue(): number {
    return Math.min(this.#requestedAt + 600_000, this.#notAfter);
  }

  #setupDue(consentedAt: number): number {
    return Math.min(consentedAt + 120_000, this.#notAfter);
  }

  /** Why it has ended without a record, once no clock that the peers allow is before its limit. */
  #lapse(): EndReason | undefined {
    if (this.isActive || this.whole !== undefined) return undefined;
    const due = this.#consentedAt === undefined ? this.#consentDue() : this.#setupDue(this.#consentedAt);
    if (this.nowUnixMs < due + LIMITS.clockSkewMs) return undefined;
    return this.#consentedAt !== undefined && due < this.#notAfter ? 'failed' : 'expired';
  }

  #isPastItsTime(): boolean {
    return this.nowUnixMs >= this.#notAfter;
  }
}

const isParty = (by: Actor) => by === 'initiator' || by === 'provider';
