import type { ErrorCode } from '@eko/protocol';

/** Who watches an orchestrator at work: logs and figures. */
export interface OrchestratorObserver {
  /** A dealing of this node reached its quorum. */
  dealt(bundleId: string, streams: number): void;
  /** A delivery was acknowledged, or failed with a code. */
  delivered(holder: string, code: ErrorCode | undefined): void;
  /** An attempt to lead failed because of a peer. */
  peerFailed(bundleId: string, peer: string, code: ErrorCode): void;
  /** This node put a transaction on the ledger, or failed with a code. */
  submitted(transaction: string, bundleId: string | undefined, code: ErrorCode | undefined): void;
  /** The ledger left a node's attestation out of what was submitted together. */
  unattested(nodeId: string, code: string): void;
  /** Envelopes of a bundle were destroyed here. */
  destroyed(bundleId: string, dealings: number): void;
  /** Something went wrong that is tried again or can be done without. */
  warned(event: string, error: unknown): void;
}
