import type { AssignmentRecord, BundleTerms, Dealing, KeptRecord, VrfProof } from '@eko/protocol/ledger';

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
  /** Nothing here to lead: not assigned, active or ended. */
  | { readonly kind: 'idle' };

/** How this node stands to a bundle's lead. Never stored: a restart begins anew. */
export interface LeadState {
  readonly lead: LeadPhase;
  /** Counts the attempts to lead, so that a late answer to an earlier one is ignored. */
  readonly attempt: number;
  /** Attempts that failed under this assignment. */
  readonly failures: number;
  /** Not before this may the next reassignment or end be tried. */
  readonly nextReassignAtMonotonicMs: number;
}

/** What an orchestrator knows of one bundle, from its consent on; all but the lead is stored. */
export interface OrchestratorState extends LeadState {
  readonly bundle: BundleTerms;
  readonly assignment: AssignmentRecord;
  /** When the provider, or its offer, consented. */
  readonly acceptedAtUnixMs: number;
  readonly record?: KeptRecord;
  /** Which streams the ledger has ended. */
  readonly ended: 'all' | readonly number[];
  /** IDs of the dealings made here whose envelopes lie in the outbox, to be kept. */
  readonly outbox: readonly string[];
  /** IDs of those that were abandoned and whose envelopes are not destroyed yet. Not stored: a start destroys them. */
  readonly destroying: readonly string[];
  /** Whether a recorded dealing was destroyed here and its attestation is not on the ledger yet. */
  readonly owesAttestation: boolean;
}

/** The lead of a bundle that was just heard of, or read from the store. */
export const NO_LEAD: LeadState = {
  lead: { kind: 'idle' },
  attempt: 0,
  failures: 0,
  nextReassignAtMonotonicMs: 0,
};

/** Tells whether the bundle waits for its dealings. */
export function awaitsDealings(state: Pick<OrchestratorState, 'record' | 'ended'>): boolean {
  return state.record === undefined && state.ended !== 'all';
}

/** Tells whether every stream of the bundle is over on the ledger. */
export function isOver(state: Pick<OrchestratorState, 'ended' | 'bundle'>): boolean {
  return state.ended === 'all' || state.ended.length >= state.bundle.streams;
}

/**
 * Tells whether nothing is left to do for orchestrator `nodeId`: over, or dealt by others. Whose dealing is on record stays
 * to the end, also where a crash came between its destruction and the end that it was destroyed for: it owes an
 * attestation then.
 */
export function isFinished(state: OrchestratorState, nodeId: string): boolean {
  const { record, outbox, destroying, owesAttestation } = state;
  const isDealtByOthers = record?.dealings.every(({ dealer }) => dealer !== nodeId) === true;
  const isSettled = isOver(state) || isDealtByOthers;
  return isSettled && outbox.length === 0 && destroying.length === 0 && !owesAttestation;
}

/** Tells whether orchestrator `nodeId` has a part in a bundle: it is assigned, dealt it, or has made something for it. */
export function hasPart(state: OrchestratorState, nodeId: string): boolean {
  const { assignment, record, outbox, destroying, owesAttestation } = state;
  return (
    assignment.orchestrators.includes(nodeId) ||
    record?.dealings.some(({ dealer }) => dealer === nodeId) === true ||
    outbox.length > 0 ||
    destroying.length > 0 ||
    owesAttestation
  );
}

/**
 * Before when time alone changes nothing of a bundle: it ends for this orchestrator by its own clock, as `expireBundle`
 * says.
 * @returns 0 where each tick has to look: it waits for its dealings
 */
export function restsUntilUnixMs(state: OrchestratorState): number {
  if (isOver(state)) return Infinity;
  return state.record === undefined ? 0 : state.bundle.notAfterUnixMs;
}
