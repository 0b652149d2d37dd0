import { BoundedMap } from './bounded-map';
import { encodeHex } from './hex';
import { verifyVrf, vrfOutputOf, type VrfVerifier } from './vrf';

/**
 * A verifier that remembers the proofs that held: a proof costs milliseconds, and a program meets the same one more
 * than once (simulated and endorsed, sent again after a conflict, asked for by a second lead). A proof that does not
 * hold is never remembered.
 */
export class VrfMemory {
  readonly #outputs: BoundedMap<string, Uint8Array>;

  /** @param most - how many proofs are remembered; the one not met for longest goes first */
  constructor(most: number) {
    this.#outputs = new BoundedMap(most);
  }

  /** `verifyVrf` for a proof that is new here, its answer again for one that held. */
  readonly verify: VrfVerifier = (publicKey, alpha, proof) => {
    const name = nameOf(publicKey, alpha, proof);
    const known = this.#outputs.get(name);
    if (known !== undefined) return known.slice();
    const output = verifyVrf(publicKey, alpha, proof);
    this.#outputs.set(name, output);
    return output.slice();
  };

  /** Takes a proof that this program made itself, and that therefore holds. */
  addOwn(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): void {
    this.#outputs.set(nameOf(publicKey, alpha, proof), vrfOutputOf(proof));
  }
}

const nameOf = (...parts: readonly Uint8Array[]): string => parts.map(encodeHex).join('.');
