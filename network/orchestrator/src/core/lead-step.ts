import {
  LIMITS,
  type Dealing,
  type EndStream,
  type ErrorCode,
  type ReassignOrchestrators,
  type RecordDealings,
  type VrfProof,
} from '@eko/protocol';
import { awaitsDealings, type LeadPhase, type OrchestratedBundle } from './orchestrated-bundle';

/** First epoch of every stream; later ones come with re-keying. */
const EPOCH = 1;

/** What happens to a bundle's lead besides ledger events. */
export type LeadEvent =
  | { readonly kind: 'proof'; readonly attempt: number; readonly proof: VrfProof }
  | { readonly kind: 'dealing'; readonly attempt: number; readonly dealing: Dealing }
  | { readonly kind: 'peerFailed'; readonly attempt: number; readonly peer: string }
  | { readonly kind: 'submitFailed'; readonly attempt: number; readonly code: ErrorCode }
  | { readonly kind: 'tick' };

/** What the shell has to do next. `peer` may be this node itself. */
export type LeadEffect =
  | { readonly kind: 'requestProof'; readonly attempt: number; readonly peer: string; readonly fence: number }
  | {
      readonly kind: 'requestDealing';
      readonly attempt: number;
      readonly peer: string;
      readonly fence: number;
      readonly epoch: number;
      readonly proofs: readonly VrfProof[];
    }
  | { readonly kind: 'submitDealings'; readonly attempt: number; readonly argument: RecordDealings }
  | { readonly kind: 'reassign'; readonly argument: ReassignOrchestrators }
  | { readonly kind: 'end'; readonly argument: EndStream };

/** A step of one bundle's lead. */
export interface LeadStep {
  readonly next: OrchestratedBundle;
  readonly effects: readonly LeadEffect[];
}

/** Who acts, and when on its own clocks. */
export interface LeadMoment {
  readonly nodeId: string;
  readonly monotonicMs: number;
  readonly unixMs: number;
}

/** Times of the lead; all in milliseconds. */
export interface LeadTimes {
  /** The k-th orchestrator of an assignment leads after k times this. */
  readonly leadSilenceMs: number;
  /** One attempt, from the first proof asked to the transaction sent. */
  readonly attemptMs: number;
  /** Pause after a failed attempt. */
  readonly retryMs: number;
  /** An accepted request that is not active by then is ended as failed. */
  readonly setupMs: number;
}

/**
 * Who leads and when, after the assignment or the acceptance changed.
 * @see protocol.md section 5
 */
export function scheduleLead(
  state: OrchestratedBundle,
  moment: LeadMoment,
  times: LeadTimes,
): OrchestratedBundle {
  const rank = state.assignment.orchestrators.indexOf(moment.nodeId);
  const lead: LeadPhase =
    rank >= 0 && awaitsDealings(state)
      ? { kind: 'waiting', leadAtMonotonicMs: moment.monotonicMs + rank * times.leadSilenceMs }
      : { kind: 'idle' };
  return { ...state, lead, attempt: state.attempt + 1, silent: [] };
}

/** One step of the lead: an answer, a failure or the passing of time. */
export function leadStep(
  state: OrchestratedBundle,
  event: LeadEvent,
  moment: LeadMoment,
  times: LeadTimes,
): LeadStep {
  if (!awaitsDealings(state)) return { next: state, effects: [] };
  if (event.kind === 'tick') return onTick(state, moment, times);
  if (event.attempt !== state.attempt) return { next: state, effects: [] };
  switch (event.kind) {
    case 'proof':
      return onProof(state, event.proof, moment);
    case 'dealing':
      return onDealing(state, event.dealing, moment);
    case 'peerFailed':
      return {
        next: retryLater({ ...state, silent: withItem(state.silent, event.peer) }, moment, times),
        effects: [],
      };
    case 'submitFailed':
      return { next: retryLater(state, moment, times), effects: [] };
  }
}

function onTick(state: OrchestratedBundle, moment: LeadMoment, times: LeadTimes): LeadStep {
  const rescue = rescueStep(state, moment, times);
  if (rescue !== undefined) return rescue;
  const { lead } = state;
  switch (lead.kind) {
    case 'idle':
      return { next: state, effects: [] };
    case 'waiting':
      return moment.monotonicMs < lead.leadAtMonotonicMs
        ? { next: state, effects: [] }
        : begin(state, moment);
    case 'proving':
    case 'dealing': {
      if (moment.monotonicMs - lead.startedAtMonotonicMs < times.attemptMs)
        return { next: state, effects: [] };
      const answered =
        lead.kind === 'proving'
          ? lead.proofs.map((proof) => proof.orchestrator)
          : lead.dealings.map((dealing) => dealing.dealer);
      const silent = state.assignment.orchestrators.filter((peer) => !answered.includes(peer));
      return { next: retryLater({ ...state, silent }, moment, times), effects: [] };
    }
    case 'submitting':
      // A commit whose fate is unknown shows as an event; without one, the attempt was lost.
      return moment.monotonicMs - lead.startedAtMonotonicMs < times.attemptMs
        ? { next: state, effects: [] }
        : { next: retryLater(state, moment, times), effects: [] };
  }
}

function begin(state: OrchestratedBundle, moment: LeadMoment): LeadStep {
  const attempt = state.attempt + 1;
  const { orchestrators, fence } = state.assignment;
  return {
    next: {
      ...state,
      attempt,
      lead: { kind: 'proving', startedAtMonotonicMs: moment.monotonicMs, proofs: [] },
    },
    effects: orchestrators.map((peer) => ({ kind: 'requestProof', attempt, peer, fence })),
  };
}

function onProof(state: OrchestratedBundle, proof: VrfProof, moment: LeadMoment): LeadStep {
  const { lead, attempt, assignment } = state;
  if (
    lead.kind !== 'proving' ||
    !isMissing(assignment.orchestrators, lead.proofs.map(proverOf), proof.orchestrator)
  ) {
    return { next: state, effects: [] };
  }
  const proofs = inOrder(assignment.orchestrators, [...lead.proofs, proof], proverOf);
  if (proofs.length < assignment.orchestrators.length) {
    return { next: { ...state, lead: { ...lead, proofs } }, effects: [] };
  }
  return {
    next: {
      ...state,
      lead: { kind: 'dealing', startedAtMonotonicMs: moment.monotonicMs, proofs, dealings: [] },
    },
    effects: assignment.orchestrators.map((peer) => ({
      kind: 'requestDealing',
      attempt,
      peer,
      fence: assignment.fence,
      epoch: EPOCH,
      proofs,
    })),
  };
}

function onDealing(state: OrchestratedBundle, dealing: Dealing, moment: LeadMoment): LeadStep {
  const { lead, attempt, assignment, bundle } = state;
  if (
    lead.kind !== 'dealing' ||
    !isMissing(assignment.orchestrators, lead.dealings.map(dealerOf), dealing.dealer)
  ) {
    return { next: state, effects: [] };
  }
  const dealings = inOrder(assignment.orchestrators, [...lead.dealings, dealing], dealerOf);
  if (dealings.length < assignment.orchestrators.length) {
    return { next: { ...state, lead: { ...lead, dealings } }, effects: [] };
  }
  const argument: RecordDealings = {
    bundleId: bundle.bundleId,
    epoch: EPOCH,
    fence: assignment.fence,
    proofs: [...lead.proofs],
    dealings: [...dealings],
  };
  return {
    next: { ...state, lead: { kind: 'submitting', startedAtMonotonicMs: moment.monotonicMs } },
    effects: [{ kind: 'submitDealings', attempt, argument }],
  };
}

/** A new attempt deals anew: what the failed one dealt is never completed. */
function retryLater(state: OrchestratedBundle, moment: LeadMoment, times: LeadTimes): OrchestratedBundle {
  return {
    ...state,
    attempt: state.attempt + 1,
    lead: { kind: 'waiting', leadAtMonotonicMs: moment.monotonicMs + times.retryMs },
  };
}

/** After the lease anybody may replace the silent; after the set-up time the request must end. */
function rescueStep(state: OrchestratedBundle, moment: LeadMoment, times: LeadTimes): LeadStep | undefined {
  if (moment.monotonicMs < state.nextRescueAtMonotonicMs) return undefined;
  const { bundle, assignment } = state;
  const begun = Math.max(assignment.atUnixMs, state.acceptedAtUnixMs ?? 0);
  const rank = assignment.orchestrators.indexOf(moment.nodeId);
  const turnMs = (rank >= 0 ? rank : assignment.orchestrators.length) * 1_000;
  const next = { ...state, nextRescueAtMonotonicMs: moment.monotonicMs + LIMITS.assignmentLeaseMs / 4 };
  const accepted = Math.max(bundle.requestedAtUnixMs, state.acceptedAtUnixMs ?? 0);
  if (rank >= 0 && moment.unixMs >= accepted + times.setupMs + turnMs) {
    const reason = moment.unixMs >= bundle.notAfterUnixMs ? 'expired' : 'failed';
    const argument: EndStream = {
      bundleId: bundle.bundleId,
      streams: 'all',
      reason,
      note: 'not dealt in time',
    };
    return { next, effects: [{ kind: 'end', argument }] };
  }
  if (moment.unixMs < begun + LIMITS.assignmentLeaseMs + turnMs) return undefined;
  const [lead] = assignment.orchestrators;
  const suspects = state.silent.filter((peer) => peer !== moment.nodeId);
  const overdue = suspects.length > 0 || lead === undefined || lead === moment.nodeId ? suspects : [lead];
  if (overdue.length === 0) return undefined;
  const argument: ReassignOrchestrators = {
    bundleId: bundle.bundleId,
    fence: assignment.fence,
    overdue: [...overdue],
  };
  return { next, effects: [{ kind: 'reassign', argument }] };
}

const proverOf = (proof: VrfProof): string => proof.orchestrator;
const dealerOf = (dealing: Dealing): string => dealing.dealer;

function isMissing(assigned: readonly string[], present: readonly string[], nodeId: string): boolean {
  return assigned.includes(nodeId) && !present.includes(nodeId);
}

function inOrder<T>(
  assigned: readonly string[],
  items: readonly T[],
  nodeOf: (item: T) => string,
): readonly T[] {
  return assigned.flatMap((nodeId) => items.filter((item) => nodeOf(item) === nodeId));
}

function withItem(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list : [...list, item];
}
