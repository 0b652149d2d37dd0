import { BoundedMap } from '../encoding/bounded-map';
import { encodeHex } from '../encoding/hex';
import { nobleVrfCurve } from './noble-vrf-curve';
import { verifyVrf, vrfOutputOf, type VrfVerifier } from './vrf';
import type { VrfCurve } from './vrf-curve';

/**
 * A verifier that remembers the proofs that held: a proof costs milliseconds, and a program meets the same one more
 * than once (simulated and endorsed, sent again after a conflict, asked for by a second lead). A proof that does not
 * hold is never remembered.
 */
export class VrfMemory {
  readonly #outputs: BoundedMap<string, Uint8Array>;
  readonly #curve: VrfCurve;

  /**
   * @param most - how many proofs are remembered; the one not met for longest goes first
   * @param curve - what computes where nothing is remembered
   */
  constructor(most: number, curve: VrfCurve = nobleVrfCurve) {
    this.#outputs = new BoundedMap(most);
    this.#curve = curve;
  }

  /** `verifyVrf` for a proof that is new here, its answer again for one that held. */
  readonly verify: VrfVerifier = (publicKey, alpha, proof) => {
    const name = nameOf(publicKey, alpha, proof);
    const known = this.#outputs.get(name);
    if (known !== undefined) return known.slice();
    const output = verifyVrf(publicKey, alpha, proof, this.#curve);
    this.#outputs.set(name, output);
    return output.slice();
  };

  /** Takes a proof that this program made itself, and that therefore holds. */
  addOwn(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): void {
    this.#outputs.set(nameOf(publicKey, alpha, proof), vrfOutputOf(proof, this.#curve));
  }
}

const nameOf = (...parts: readonly Uint8Array[]): string => parts.map(encodeHex).join('.');
