import { encodeHex } from './hex';
import { verifyVrf, vrfOutputOf, type VrfVerifier } from './vrf';

/**
 * A verifier that remembers the proofs that held: a proof costs milliseconds, and a program meets the same one more
 * than once (simulated and endorsed, sent again after a conflict, asked for by a second lead). A proof that does not
 * hold is never remembered.
 */
export class VrfMemory {
  readonly #most: number;
  readonly #outputs = new Map<string, Uint8Array>();

  /** @param most - how many proofs are remembered; the oldest goes first */
  constructor(most: number) {
    this.#most = most;
  }

  /** `verifyVrf` for a proof that is new here, its answer again for one that held. */
  readonly verify: VrfVerifier = (publicKey, alpha, proof) => {
    const name = nameOf(publicKey, alpha, proof);
    const output = this.#outputs.get(name) ?? verifyVrf(publicKey, alpha, proof);
    this.#remember(name, output);
    return output.slice();
  };

  /** Takes a proof that this program made itself, and that therefore holds. */
  addOwn(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): void {
    this.#remember(nameOf(publicKey, alpha, proof), vrfOutputOf(proof));
  }

  #remember(name: string, output: Uint8Array): void {
    if (this.#outputs.has(name)) return;
    const [oldest] = this.#outputs.keys();
    if (this.#outputs.size >= this.#most && oldest !== undefined) this.#outputs.delete(oldest);
    this.#outputs.set(name, output);
  }
}

const nameOf = (...parts: readonly Uint8Array[]): string => parts.map(encodeHex).join('.');
