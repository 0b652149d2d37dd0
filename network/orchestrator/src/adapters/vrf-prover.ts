import {
  encodeBase64Url,
  proveVrf,
  vrfInput,
  type SecretBytes,
  type VrfMemory,
  type VrfProof,
  type VrfProofRequest,
} from '@eko/protocol';
import type { BundleBook } from '@eko/node-kit';
import type { OrchestratedBundle } from '../core/orchestrated-bundle';
import { requireDealable } from '../core/require-dealable';

/** What proving needs. */
export interface VrfProverParts {
  readonly nodeId: string;
  readonly channel: string;
  readonly book: BundleBook<OrchestratedBundle>;
  readonly vrfSeed: SecretBytes<'vrf seed'>;
  /** The public key of the seed. */
  readonly vrfKey: Uint8Array;
  /** Takes what was proved here, so that the dealer need not verify it. */
  readonly proofs: VrfMemory;
  readonly nowUnixMs: () => number;
  /** How long to wait for the ledger event that a request may run ahead of. */
  readonly eventWaitMs: number;
}

/**
 * This node's proof for the draw of a bundle, for those who deal it with this node and for nobody else.
 *
 * @throws EkoError those of `requireDealable`, `CANCELLED`
 * @see protocol.md section 4
 */
export async function proveForDraw(
  parts: VrfProverParts,
  sender: string,
  request: VrfProofRequest,
  signal: AbortSignal,
): Promise<VrfProof> {
  const { nodeId, channel, book, vrfSeed, vrfKey, proofs, nowUnixMs, eventWaitMs } = parts;
  const { bundleId, fence } = request;
  await book.until(
    () => {
      const state = book.get(bundleId);
      return state?.acceptedAtUnixMs !== undefined && state.assignment.fence >= fence;
    },
    eventWaitMs,
    signal,
  );
  const { bundle } = requireDealable({
    state: book.get(bundleId),
    fence,
    sender,
    nodeId,
    nowUnixMs: nowUnixMs(),
  });
  const alpha = vrfInput({ channel, bundleId, requestTxId: bundle.requestTxId });
  const proof = proveVrf(vrfSeed, alpha);
  proofs.addOwn(vrfKey, alpha, proof);
  return { orchestrator: nodeId, proof: encodeBase64Url(proof) };
}
