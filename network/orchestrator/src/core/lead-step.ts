import { LIMITS, type ErrorCode } from '@eko/protocol';
import { FIRST_EPOCH, type Dealing, type RecordDealings, type VrfProof } from '@eko/protocol/ledger';
import type { LeadEvent, LeadMoment, LeadStep, LeadTimes } from './lead-messages';
import { awaitsDealings, type LeadPhase, type OrchestratorState } from './orchestrator-state';
import { failedBundle, reassignStep } from './reassign-step';

/** After so many attempts for which witnesses had no room the request ends, and says so. */
const FULL_ATTEMPTS = 3;
/** A pause after failed attempts grows to this. */
const MOST_RETRY_MS = 5_000;
/** Refusals that say that the ledger is ahead of this node's view: its events will tell. */
const OVERTAKEN: readonly ErrorCode[] = [
  'ALREADY_EXISTS',
  'BAD_STATE',
  'FENCED',
  'FORBIDDEN',
  'STREAM_ENDED',
];

/**
 * Who leads and when, after the assignment or the acceptance changed.
 * @see docs/protocol.md, "3. Dealing"
 */
export function scheduleLead(
  state: OrchestratorState,
  moment: LeadMoment,
  times: LeadTimes,
): OrchestratorState {
  const rank = state.assignment.orchestrators.indexOf(moment.nodeId);
  const lead: LeadPhase =
    rank >= 0 && awaitsDealings(state)
      ? { kind: 'waiting', leadAtMonotonicMs: moment.monotonicMs + rank * times.leadSilenceMs }
      : { kind: 'idle' };
  return { ...state, lead, attempt: state.attempt + 1, failures: 0 };
}

/** One step of the lead: an answer, a failure or the passing of time. */
export function leadStep(
  state: OrchestratorState,
  event: LeadEvent,
  moment: LeadMoment,
  times: LeadTimes,
): LeadStep {
  if (!awaitsDealings(state)) return { next: state, effects: [] };
  if (event.kind === 'tick') return onTick(state, event.hasRoom, moment, times);
  if (event.kind === 'asked') return { next: onAsked(state, event.by, moment, times), effects: [] };
  if (event.attempt !== state.attempt) return { next: state, effects: [] };
  switch (event.kind) {
    case 'proof':
      return onProof(state, event.proof, moment);
    case 'dealing':
      return onDealing(state, event.dealing, moment);
    case 'peerFailed':
      // The node's own draw found too few witnesses. The pool of a bundle only shrinks, so it stays like that.
      if (event.code === 'POLICY_UNSATISFIABLE' && event.peer === moment.nodeId) return giveUp(state, moment);
      if (event.full !== undefined && state.failures + 1 >= FULL_ATTEMPTS)
        return giveUp(state, moment, fullNote(event.full));
      return { next: retryLater(state, moment, times), effects: [] };
    case 'submitFailed':
      if (event.code === 'POLICY_UNSATISFIABLE') return giveUp(state, moment);
      return {
        next: retryLater(
          state,
          moment,
          OVERTAKEN.includes(event.code) ? { ...times, retryMs: times.leadSilenceMs } : times,
        ),
        effects: [],
      };
  }
}

function onTick(state: OrchestratorState, hasRoom: boolean, moment: LeadMoment, times: LeadTimes): LeadStep {
  if (moment.unixMs >= state.bundle.notAfterUnixMs) return { next: state, effects: [] };
  const rescue = reassignStep(state, moment, times);
  if (rescue !== undefined) return rescue;
  const { lead } = state;
  switch (lead.kind) {
    case 'idle':
      return { next: state, effects: [] };
    case 'waiting':
      return moment.monotonicMs < lead.leadAtMonotonicMs || !hasRoom
        ? { next: state, effects: [] }
        : begin(state, moment);
    case 'proving':
    case 'dealing':
    case 'submitting':
      // A commit whose fate is unknown shows as an event; without one, the attempt was lost.
      return moment.monotonicMs - lead.startedAtMonotonicMs < times.attemptMs
        ? { next: state, effects: [] }
        : { next: retryLater(state, moment, times), effects: [] };
  }
}

/**
 * A lead that comes before this node in the assignment is not silent while it asks, however long its work takes: two
 * leads of one bundle would do everything twice, and most of all when all are busy. The lease bounds how long it may ask.
 */
function onAsked(
  state: OrchestratorState,
  by: string,
  moment: LeadMoment,
  times: LeadTimes,
): OrchestratorState {
  const { lead, assignment } = state;
  const rank = assignment.orchestrators.indexOf(by);
  if (lead.kind !== 'waiting' || rank < 0 || rank >= assignment.orchestrators.indexOf(moment.nodeId)) {
    return state;
  }
  const leadAtMonotonicMs = Math.max(lead.leadAtMonotonicMs, moment.monotonicMs + times.leadSilenceMs);
  return { ...state, lead: { ...lead, leadAtMonotonicMs } };
}

function begin(state: OrchestratorState, moment: LeadMoment): LeadStep {
  const attempt = state.attempt + 1;
  const { orchestrators, fence } = state.assignment;
  return {
    next: {
      ...state,
      attempt,
      lead: { kind: 'proving', startedAtMonotonicMs: moment.monotonicMs, proofs: [] },
    },
    effects: othersFirst(orchestrators, moment.nodeId).map((peer) => ({
      kind: 'requestProof',
      attempt,
      peer,
      fence,
    })),
  };
}

function onProof(state: OrchestratorState, proof: VrfProof, moment: LeadMoment): LeadStep {
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
    effects: othersFirst(assignment.orchestrators, moment.nodeId).map((peer) => ({
      kind: 'requestDealing',
      attempt,
      peer,
      fence: assignment.fence,
      epoch: FIRST_EPOCH,
      proofs,
    })),
  };
}

function onDealing(state: OrchestratorState, dealing: Dealing, moment: LeadMoment): LeadStep {
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
    epoch: FIRST_EPOCH,
    fence: assignment.fence,
    proofs: [...lead.proofs],
    dealings: [...dealings],
  };
  return {
    next: { ...state, lead: { kind: 'submitting', startedAtMonotonicMs: moment.monotonicMs } },
    effects: [{ kind: 'submitDealings', attempt, argument }],
  };
}

/** A new attempt asks everybody anew: what the failed one left half dealt is never completed. */
function retryLater(state: OrchestratorState, moment: LeadMoment, times: LeadTimes): OrchestratorState {
  const pauseMs = Math.min(times.retryMs * 2 ** Math.min(state.failures, 16), MOST_RETRY_MS);
  return {
    ...state,
    attempt: state.attempt + 1,
    failures: state.failures + 1,
    lead: { kind: 'waiting', leadAtMonotonicMs: moment.monotonicMs + pauseMs },
  };
}

function giveUp(
  state: OrchestratorState,
  moment: LeadMoment,
  note = 'too few witnesses are left for its policy',
): LeadStep {
  return {
    next: {
      ...state,
      attempt: state.attempt + 1,
      lead: { kind: 'idle' },
      nextReassignAtMonotonicMs: moment.monotonicMs + LIMITS.assignmentLeaseMs / 4,
    },
    effects: [
      {
        kind: 'end',
        argument: failedBundle(state.bundle.bundleId, note),
      },
    ],
  };
}

/** What the parties read: the witnesses' own word, handed on. */
function fullNote(full: readonly string[]): string {
  return `STORE_FULL: no room at ${full.join(', ')}`.slice(0, LIMITS.noteCharacters);
}

/** The own part last: it takes the processor, and the others can work meanwhile. */
function othersFirst(assigned: readonly string[], nodeId: string): readonly string[] {
  return [...assigned.filter((peer) => peer !== nodeId), nodeId];
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
