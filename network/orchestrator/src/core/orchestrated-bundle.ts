import type { AssignmentRecord, BundleRecord, Dealing, DealingsRecord, VrfProof } from '@eko/protocol';

/** How far this orchestrator is with leading one bundle to its dealings. */
export type LeadPhase =
  /** Nothing to do now; from `leadAtMonotonicMs` on this node leads if the dealings are still missing. */
  | { readonly kind: 'waiting'; readonly leadAtMonotonicMs: number }
  /** Collecting the proofs of the draw. */
  | { readonly kind: 'proving'; readonly startedAtMonotonicMs: number; readonly proofs: readonly VrfProof[] }
  /** Every dealer deals and delivers. */
  | {
      readonly kind: 'dealing';
      readonly startedAtMonotonicMs: number;
      readonly proofs: readonly VrfProof[];
      readonly dealings: readonly Dealing[];
    }
  /** The transaction is on its way; it may be on the ledger already. */
  | { readonly kind: 'submitting'; readonly startedAtMonotonicMs: number }
  /** Nothing here to lead: not assigned, not accepted, active or ended. */
  | { readonly kind: 'idle' };

/** What an orchestrator knows of one bundle. `lead`, `attempt` and `silent` are not stored: a restart begins anew. */
export interface OrchestratedBundle {
  readonly bundle: BundleRecord;
  readonly assignment: AssignmentRecord;
  readonly acceptedAtUnixMs?: number;
  readonly record?: DealingsRecord;
  /** Whether the whole bundle is over, and which single streams are. */
  readonly ended: 'all' | readonly number[];
  readonly lead: LeadPhase;
  /** Counts the attempts to lead, so that a late answer to an earlier one is ignored. */
  readonly attempt: number;
  /** Who did not answer in the last attempt. */
  readonly silent: readonly string[];
  /** Not before this may the next reassignment or end be tried. */
  readonly nextRescueAtMonotonicMs: number;
}

/** Tells whether the bundle waits for its dealings. */
export function awaitsDealings(state: OrchestratedBundle): boolean {
  return state.acceptedAtUnixMs !== undefined && state.record === undefined && state.ended !== 'all';
}

/** Tells whether every stream of the bundle is over. */
export function isOver(state: Pick<OrchestratedBundle, 'ended' | 'bundle'>): boolean {
  return state.ended === 'all' || state.ended.length >= state.bundle.requests.length;
}
