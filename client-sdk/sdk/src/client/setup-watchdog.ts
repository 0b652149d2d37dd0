import { LIMITS, isEkoError, type ErrorCode, type StreamState } from '@eko/protocol';
import { TRANSACTIONS, streamStateOf, type BundleView } from '@eko/protocol/ledger';
import { isBundleOver } from '../bundles/stream-status';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';

const LOOK_MS = 1_000;

/**
 * What somebody else has done in the meantime, the event that says so being on its way; and that there are no other
 * orchestrators, in which case the present ones stay.
 */
const HARMLESS: readonly ErrorCode[] = [
  'NOT_OVERDUE',
  'FENCED',
  'BAD_STATE',
  'STREAM_ENDED',
  'POLICY_UNSATISFIABLE',
];

interface Watched {
  state: StreamState;
  fence: number;
  /** When this state and fence were first seen, on the monotonic clock. */
  sinceMs: number;
  acceptedAtMs: number | undefined;
}

/** What a bundle needs now. */
export type WatchdogStep = 'wait' | 'reassign' | 'fail' | 'expire';

/**
 * Decides what the initiator does about a bundle that is not done: pure.
 *
 * @param acceptedForMs - since it was accepted, `undefined` while it is not
 * @param fence - of the assignment in force
 * @param assignedForMs - since that was made
 */
export function watchdogStep(input: {
  readonly isExpired: boolean;
  readonly state: StreamState;
  readonly acceptedForMs: number | undefined;
  readonly fence: number;
  readonly assignedForMs: number;
  readonly setupMs: number;
  readonly reassignAfterMs: number;
}): WatchdogStep {
  // Who waits for consent needs nothing written: without it, the request lapses.
  if (input.state === 'ended' || input.state === 'requested') return 'wait';
  if (input.isExpired) return 'expire';
  if (input.state !== 'accepted' || input.acceptedForMs === undefined) return 'wait';
  if (input.acceptedForMs >= input.setupMs) return 'fail';
  if (input.fence + 1 >= LIMITS.fences) return 'wait';
  return input.assignedForMs >= input.reassignAfterMs ? 'reassign' : 'wait';
}

/**
 * Sees to it that every bundle this party takes part in becomes active or ends: asks for other orchestrators when a lease
 * has run out, ends what was not set up in time, and what has expired. What lapses needs no record. It accuses nobody.
 * @see docs/protocol.md, "What always holds"
 */
export class SetupWatchdog {
  readonly #context: ClientContext;
  readonly #watched = new Map<string, Watched>();
  readonly #busy = new Set<string>();
  readonly #onOver: (view: BundleView) => void;

  /** @param onOver - closes the streams of a bundle that expired or lapsed here, at once: the own clock decides */
  constructor(context: ClientContext, onOver: (view: BundleView) => void) {
    this.#context = context;
    this.#onOver = onOver;
  }

  /** Looks after every bundle from now on. */
  start(): void {
    this.#look();
  }

  #look(): void {
    const { bundles, clock, closing } = this.#context;
    if (closing.aborted) return;
    for (const view of bundles.lapse(clock.nowUnixMs())) this.#onOver(view);
    for (const bundleId of this.#watched.keys()) {
      const view = bundles.get(bundleId);
      if (view === undefined || isBundleOver(view)) this.#watched.delete(bundleId);
    }
    for (const view of bundles.all()) if (!isBundleOver(view)) this.#lookAt(view);
    clock.schedule(LOOK_MS, () => {
      this.#look();
    });
  }

  #lookAt(view: BundleView): void {
    const { keys, clock, bounds } = this.#context;
    const { bundle } = view;
    const nowMs = clock.monotonicMs();
    const state = view.dealings.length > 0 ? 'active' : streamStateOf(view, 0);
    const fence = view.assignments.at(-1)?.fence ?? 0;
    const watched = this.#watched.get(bundle.bundleId) ?? {
      state,
      fence,
      sinceMs: nowMs,
      acceptedAtMs: undefined,
    };
    if (watched.state !== state || watched.fence !== fence)
      Object.assign(watched, { state, fence, sinceMs: nowMs });
    if (state === 'accepted') watched.acceptedAtMs ??= nowMs;
    this.#watched.set(bundle.bundleId, watched);
    if (clock.nowUnixMs() >= bundle.notAfterUnixMs) this.#onOver(view);
    const isInitiator = bundle.initiator === keys.nodeId;
    // The provider leaves the initiator time to do the same.
    const graceMs = isInitiator ? 0 : 5 * LOOK_MS;
    const step = watchdogStep({
      isExpired: clock.nowUnixMs() >= bundle.notAfterUnixMs + graceMs,
      state,
      acceptedForMs: watched.acceptedAtMs === undefined ? undefined : nowMs - watched.acceptedAtMs,
      fence,
      assignedForMs: nowMs - watched.sinceMs,
      setupMs: bounds.setupMs + graceMs,
      reassignAfterMs: LIMITS.replacedAfterMs + bounds.reassignGraceMs + graceMs,
    });
    if (step !== 'wait' && !this.#busy.has(bundle.bundleId)) void this.#act(view, step);
  }

  async #act(view: BundleView, step: Exclude<WatchdogStep, 'wait'>): Promise<void> {
    const { ledger, closing } = this.#context;
    const { bundleId } = view.bundle;
    const assignment = view.assignments.at(-1);
    this.#busy.add(bundleId);
    try {
      if (step === 'reassign' && assignment !== undefined) {
        const argument = { bundleId, fence: assignment.fence };
        await ledger.submit(TRANSACTIONS.reassignOrchestrators, argument, { signal: closing });
      } else {
        const reason = step === 'expire' ? ('expired' as const) : ('failed' as const);
        const argument = { bundleId, streams: 'all' as const, reason };
        await ledger.submit(TRANSACTIONS.endStream, argument, { signal: closing });
      }
    } catch (error) {
      if (!isEkoError(error, ...HARMLESS)) reportTrouble(this.#context, error, 'Watching over a bundle');
    } finally {
      this.#busy.delete(bundleId);
    }
  }
}
