import { type SecretBytes } from '@eko/protocol';
import { BoundedMap, encodeBase64Url } from '@eko/protocol/encoding';
import { proveVrf, type VrfCurve, type VrfMemory } from '@eko/protocol/crypto';
import { vrfInput, type VrfProof } from '@eko/protocol/ledger';
import { type VrfProofRequest } from '@eko/protocol/rest';
import type { BundleBook } from '@eko/node-kit';
import type { OrchestratorState } from '../core/orchestrator-state';
import { requireDealable } from '../core/require-dealable';

/** What proving needs. */
export interface VrfProverDeps {
  readonly nodeId: string;
  readonly channel: string;
  readonly book: BundleBook<OrchestratorState>;
  readonly vrfSeed: SecretBytes<'vrf seed'>;
  /** Computes with the seed. */
  readonly curve: VrfCurve;
  /** The public key of the seed. */
  readonly vrfKey: Uint8Array;
  /** Takes what was proved here, so that the dealer need not verify it. */
  readonly memory: VrfMemory;
  readonly nowUnixMs: () => number;
  /** How long to wait for the ledger event that a request may run ahead of. */
  readonly eventWaitMs: number;
  /** Lets other work run, what is to be sent above all. */
  readonly yieldToEventLoop: () => Promise<unknown>;
}

/** Own proofs of bundles that are being dealt, with room. */
const PROOFS_REMEMBERED = 512;

/**
 * Makes this node's proofs for draws. A proof costs milliseconds and is the same at every attempt under an assignment, so it
 * is made once, and as soon as it is known that it will be asked for.
 */
export class VrfProver {
  readonly #deps: VrfProverDeps;
  /** By bundle and fence. */
  readonly #proofs = new BoundedMap<string, Promise<VrfProof>>(PROOFS_REMEMBERED);

  constructor(deps: VrfProverDeps) {
    this.#deps = deps;
  }

  /** Begins to prove for a bundle that this node is assigned to and that waits for its dealings. */
  prepare(bundle: OrchestratorState): void {
    // It fails again where it is asked for.
    this.#proofFor(bundle).catch(() => undefined);
  }

  /**
   * The proof for the draw of a bundle, for those who deal it with this node and for nobody else.
   *
   * @param sender - node ID of the lead
   * @throws EkoError those of `requireDealable`, `CANCELLED`
   * @see docs/protocol.md, "2. The draw"
   */
  async prove(sender: string, request: VrfProofRequest, signal: AbortSignal): Promise<VrfProof> {
    const { nodeId, book, nowUnixMs, eventWaitMs } = this.#deps;
    const { bundleId, fence } = request;
    await book.until(
      () => {
        const state = book.get(bundleId);
        return state !== undefined && state.assignment.fence >= fence;
      },
      eventWaitMs,
      signal,
    );
    const state = requireDealable({
      state: book.get(bundleId),
      fence,
      sender,
      nodeId,
      nowUnixMs: nowUnixMs(),
    });
    return this.#proofFor(state);
  }

  #proofFor(state: OrchestratorState): Promise<VrfProof> {
    const name = `${state.bundle.bundleId}/${state.assignment.fence}`;
    const known = this.#proofs.get(name);
    if (known !== undefined) return known;
    const proof = this.#make(state);
    this.#proofs.set(name, proof);
    proof.catch(() => {
      this.#proofs.delete(name);
    });
    return proof;
  }

  async #make({ bundle, assignment }: OrchestratorState): Promise<VrfProof> {
    const { nodeId, channel, vrfSeed, curve, vrfKey, memory, yieldToEventLoop } = this.#deps;
    await yieldToEventLoop();
    const alpha = vrfInput({ channel, bundle, assignment });
    const proof = proveVrf(vrfSeed, alpha, curve);
    memory.addOwn(vrfKey, alpha, proof);
    return { orchestrator: nodeId, proof: encodeBase64Url(proof) };
  }
}
