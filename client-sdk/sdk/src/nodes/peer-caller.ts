import type { NodeRecord } from '@eko/protocol/ledger';
import type { Static, TSchema } from '@eko/protocol/encoding';

/** One call to another node. */
export interface PeerCall<Answer extends TSchema> {
  readonly node: NodeRecord;
  /** One of `NODE_ROUTES`. */
  readonly route: string;
  /** What `encodeMessage` takes. */
  readonly body: unknown;
  /** What the answer must be; anything else fails the call. */
  readonly answerSchema: Answer;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls other nodes over HTTPS with both certificates pinned by the registry.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export interface PeerCaller {
  /**
   * @returns the answer, checked
   * @throws EkoError the peer's own code; `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`, `ENDPOINT_REFUSED`
   */
  call<Answer extends TSchema>(call: PeerCall<Answer>): Promise<Static<Answer>>;
}
