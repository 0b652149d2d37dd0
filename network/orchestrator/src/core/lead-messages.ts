import type { ErrorCode } from '@eko/protocol';
import type {
  Dealing,
  EndStream,
  ReassignOrchestrators,
  RecordDealings,
  VrfProof,
} from '@eko/protocol/ledger';
import type { OrchestratorState } from './orchestrator-state';

/** What happens to a bundle's lead besides ledger events. */
export type LeadEvent =
  | { readonly kind: 'proof'; readonly attempt: number; readonly proof: VrfProof }
  | { readonly kind: 'dealing'; readonly attempt: number; readonly dealing: Dealing }
  | {
      readonly kind: 'peerFailed';
      readonly attempt: number;
      readonly peer: string;
      /** The peer's answer, or why there was none. */
      readonly code: ErrorCode;
      /** Of this node's own dealing: the witnesses that signed that they have no room. */
      readonly full?: readonly string[];
    }
  | { readonly kind: 'submitFailed'; readonly attempt: number; readonly code: ErrorCode }
  /** Another orchestrator of the assignment leads: it asked this node to prove or to deal, or has its answer. */
  | { readonly kind: 'asked'; readonly by: string }
  /** Time has passed; with `hasRoom`, this node may begin to lead one more bundle. */
  | { readonly kind: 'tick'; readonly hasRoom: boolean };

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
  readonly next: OrchestratorState;
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
  /** The k-th orchestrator of an assignment leads after k times this, and after this without a word of those before it. */
  readonly leadSilenceMs: number;
  /** One attempt, from the first proof asked to the transaction sent. */
  readonly attemptMs: number;
  /** Pause after the first failed attempt; doubled after each further one. */
  readonly retryMs: number;
  /** An accepted request that is not active by then is ended as failed. */
  readonly setupMs: number;
}
