import { LIMITS } from '@eko/protocol';
import type { Destruction } from '@eko/protocol/ledger';

/** Ended streams whose destruction a node owes the ledger, and which node gathers the attestations of their bundle. */
export interface OwedDestruction extends Destruction {
  /** Nobody gathers them where it is not known. */
  readonly gatherer?: string | undefined;
}

/** Times of attesting, in milliseconds. */
export interface AttestationBounds {
  /** What the ledger has not shown so long after it was first owed, its node submits itself. */
  readonly ownAfterMs: number;
  /** The same where the gatherer did not take it. */
  readonly refusedAfterMs: number;
  /** What is due within this time goes with what is due now. */
  readonly aheadMs: number;
  /** What was submitted is submitted again if the ledger has not shown it so long after. */
  readonly againMs: number;
  /** A gatherer that did not take one is asked no more for so long. */
  readonly awayMs: number;
  /** One call of a gatherer. */
  readonly callMs: number;
}

/** The bounds of a node that is told no others. */
export const ATTESTATION_BOUNDS: AttestationBounds = {
  ownAfterMs: 8_000,
  refusedAfterMs: 2_000,
  aheadMs: 2_000,
  againMs: 5_000,
  awayMs: 10_000,
  callMs: 4_000,
};

/** What is to be done now. */
export interface AttestationTurn {
  /** By the gatherer that they are handed to. */
  readonly hand: ReadonlyMap<string, readonly Destruction[]>;
  /** To be submitted by this node; at most one attestation's worth. */
  readonly submit: readonly Destruction[];
}

interface Entry {
  /** What of it was handed over. */
  handed: Destruction['streams'];
  dueAtMs: number;
}

/**
 * When a holder hands its attestations to whoever gathers them, and when it submits them itself. What is owed it is told
 * each time, from the ledger's own word; here is only what was tried: a restart begins anew and loses nothing. Pure.
 *
 * @see docs/protocol.md, "6. The end"
 */
export class AttestationPlan {
  readonly #bounds: AttestationBounds;
  #entries = new Map<string, Entry>();
  /** Until when a gatherer is not asked; infinite while it is. */
  readonly #busyUntilMs = new Map<string, number>();

  constructor(bounds: AttestationBounds) {
    this.#bounds = bounds;
  }

  /** What to do now about everything that is owed, oldest first. */
  next(owed: Iterable<OwedDestruction>, nowMs: number): AttestationTurn {
    const { ownAfterMs, aheadMs } = this.#bounds;
    const entries = new Map<string, Entry>();
    const hand = new Map<string, Destruction[]>();
    const due: { readonly destruction: Destruction; readonly dueAtMs: number }[] = [];
    for (const { gatherer, ...destruction } of owed) {
      const key = keyOf(destruction);
      const entry = this.#entries.get(key) ?? {
        handed: [],
        dueAtMs: nowMs + (gatherer === undefined ? 0 : ownAfterMs),
      };
      entries.set(key, entry);
      due.push({ destruction, dueAtMs: entry.dueAtMs });
      if (gatherer === undefined || covers(entry.handed, destruction.streams)) continue;
      if ((this.#busyUntilMs.get(gatherer) ?? 0) > nowMs) continue;
      const batch = hand.get(gatherer) ?? [];
      if (batch.length < LIMITS.destructionsPerAttestation) hand.set(gatherer, [...batch, destruction]);
    }
    this.#entries = entries;
    const isDue = due.some(({ dueAtMs }) => dueAtMs <= nowMs);
    const submit = due.filter(({ dueAtMs }) => isDue && dueAtMs <= nowMs + aheadMs);
    return {
      hand,
      submit: submit.slice(0, LIMITS.destructionsPerAttestation).map(({ destruction }) => destruction),
    };
  }

  /** These are on their way to their gatherer, which is not asked again before it has answered. */
  handing(gatherer: string, destructions: readonly Destruction[]): void {
    this.#busyUntilMs.set(gatherer, Infinity);
    for (const destruction of destructions) this.#change(destruction, { handed: destruction.streams });
  }

  /** It has taken them, or not: then they are submitted here, and it is left alone for a while. */
  answered(gatherer: string, destructions: readonly Destruction[], isTaken: boolean, nowMs: number): void {
    const { refusedAfterMs, awayMs } = this.#bounds;
    if (isTaken) {
      this.#busyUntilMs.delete(gatherer);
      return;
    }
    this.#busyUntilMs.set(gatherer, nowMs + awayMs);
    for (const destruction of destructions) {
      const dueAtMs = this.#entries.get(keyOf(destruction))?.dueAtMs ?? nowMs;
      this.#change(destruction, { dueAtMs: Math.min(dueAtMs, nowMs + refusedAfterMs) });
    }
  }

  /** These were submitted here, or will be after `delayMs` where that failed. */
  submitted(destructions: readonly Destruction[], nowMs: number, delayMs = this.#bounds.againMs): void {
    for (const destruction of destructions) this.#change(destruction, { dueAtMs: nowMs + delayMs });
  }

  #change(destruction: Destruction, change: Partial<Entry>): void {
    const entry = this.#entries.get(keyOf(destruction));
    if (entry !== undefined) this.#entries.set(keyOf(destruction), { ...entry, ...change });
  }
}

const keyOf = ({ bundleId, epoch }: Destruction): string => `${bundleId}/${epoch}`;

function covers(handed: Destruction['streams'], streams: Destruction['streams']): boolean {
  if (handed === 'all') return true;
  return streams !== 'all' && streams.every((index) => handed.includes(index));
}
