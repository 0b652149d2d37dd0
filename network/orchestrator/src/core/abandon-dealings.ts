import { holdersOf } from '@eko/protocol/crypto';
import type { OrchestratorState } from './orchestrator-state';

/** What is to be done with dealings made here; safe to repeat. */
export type OutboxEffect =
  /** Deliver this recorded dealing until every witness has acknowledged it. */
  | { readonly kind: 'deliver'; readonly bundleId: string; readonly dealingId: string }
  /** Destroy the envelopes of these holders, of a dealing that is recorded and in part over. */
  | {
      readonly kind: 'withdraw';
      readonly bundleId: string;
      readonly dealingId: string;
      readonly holders: readonly string[];
    }
  /** Destroy the envelopes of these dealings. */
  | { readonly kind: 'destroy'; readonly bundleId: string; readonly dealingIds: readonly string[] };

/** A bundle after some of its dealings were abandoned, or destroyed. */
export interface OutboxStep {
  readonly next: OrchestratorState;
  readonly effects: readonly OutboxEffect[];
}

/** Abandons every dealing but the recorded one, which is delivered on. */
export function keepOnly(state: OrchestratorState, dealingId: string | undefined): OutboxStep {
  const { bundleId } = state.bundle;
  const kept = state.outbox.filter((stored) => stored === dealingId);
  const { next, effects } = abandon(
    state,
    state.outbox.filter((stored) => stored !== dealingId),
  );
  return {
    next,
    effects: [
      ...kept.map((stored): OutboxEffect => ({ kind: 'deliver', bundleId, dealingId: stored })),
      ...effects,
    ],
  };
}

/**
 * Abandons every dealing of the bundle. Who is on record as a dealer then owes an attestation, but not before its
 * envelopes are destroyed: at once only where they are gone already.
 */
export function emptyOutbox(state: OrchestratorState, nodeId: string): OutboxStep {
  const { next, effects } = abandon(state, state.outbox);
  const recorded = recordedDealing(state, nodeId);
  if (recorded === undefined || next.destroying.includes(recorded) || next.owesAttestation)
    return { next, effects };
  return { next: { ...next, owesAttestation: true }, effects };
}

/**
 * What of the outbox goes because streams have ended while others of the bundle live: the envelopes of all holders, for
 * each serves every stream. An envelope is sealed as a whole, so what it holds of other streams goes with it: witnesses
 * that have not come for theirs by then, and a party that starts again, do without.
 *
 * @see docs/protocol.md, "6. The end"
 */
export function withdrawEnded(
  { bundle, record, ended, outbox }: OrchestratorState,
  nodeId: string,
): readonly OutboxEffect[] {
  const dealingId = record?.dealings.find((dealing) => dealing.dealer === nodeId)?.dealingId;
  if (record === undefined || dealingId === undefined || ended === 'all' || ended.length === 0) return [];
  if (!outbox.includes(dealingId)) return [];
  const holders = holdersOf(bundle, record.selection);
  return [{ kind: 'withdraw', bundleId: bundle.bundleId, dealingId, holders }];
}

/** These envelopes are destroyed for good. With those of a recorded dealing, this node owes its attestation. */
export function destroyedDealings(
  state: OrchestratorState,
  dealingIds: readonly string[],
  nodeId: string,
): OrchestratorState {
  const recorded = recordedDealing(state, nodeId);
  return {
    ...state,
    destroying: state.destroying.filter((dealingId) => !dealingIds.includes(dealingId)),
    owesAttestation: state.owesAttestation || (recorded !== undefined && dealingIds.includes(recorded)),
  };
}

function abandon(state: OrchestratorState, dealingIds: readonly string[]): OutboxStep {
  if (dealingIds.length === 0) return { next: state, effects: [] };
  const { bundle, outbox, destroying } = state;
  return {
    next: {
      ...state,
      outbox: outbox.filter((stored) => !dealingIds.includes(stored)),
      destroying: [...destroying, ...dealingIds],
    },
    effects: [{ kind: 'destroy', bundleId: bundle.bundleId, dealingIds }],
  };
}

function recordedDealing({ record }: OrchestratorState, nodeId: string): string | undefined {
  return record?.dealings.find((dealing) => dealing.dealer === nodeId)?.dealingId;
}
