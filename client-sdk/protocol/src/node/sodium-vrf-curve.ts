import { POINT_BYTES } from '../crypto/edwards-point';
import { nobleVrfCurve } from '../crypto/noble-vrf-curve';
import { proveVrf, verifyVrf } from '../crypto/vrf';
import type { VrfClaim, VrfCommitments, VrfCurve } from '../crypto/vrf-curve';
import { equalBytes } from '../encoding/bytes';
import { decodeHex } from '../encoding/hex';
import { EkoError } from '../errors';
import type { RandomSource } from '../secret/random-source';
import { SecretBytes } from '../secret/secret-bytes';

/**
 * Computes from inputs of 32 bytes, or from one of 64, and leaves 32 bytes at the first address.
 * Gives 0, -1 where it refuses the inputs, or nothing where it takes all of them.
 */
export type SodiumOperation = (result: number, ...inputs: readonly number[]) => number | undefined;

/** An instance of libsodium with a memory of its own. Addresses count from the start of `HEAPU8`. */
export interface Sodium {
  /** The whole memory; another array after the memory has grown. */
  readonly HEAPU8: Uint8Array;
  /** Gives 0 where there is no memory left. */
  readonly _malloc: (bytes: number) => number;
  /** Gives -1 where it fails. */
  readonly _sodium_init: () => number;
  readonly _crypto_core_ed25519_add: SodiumOperation;
  readonly _crypto_core_ed25519_sub: SodiumOperation;
  readonly _crypto_scalarmult_ed25519_noclamp: SodiumOperation;
  readonly _crypto_scalarmult_ed25519_base_noclamp: SodiumOperation;
  readonly _crypto_core_ed25519_scalar_reduce: SodiumOperation;
  readonly _crypto_core_ed25519_scalar_mul: SodiumOperation;
  readonly _crypto_core_ed25519_scalar_add: SodiumOperation;
}

/** A published proof over nothing. @see RFC 9381 appendix B.3, example 16 */
const PUBLISHED = {
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  proof:
    '8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805',
};
const NOTHING = new Uint8Array();

/**
 * Loads libsodium, and sees that it proves and verifies as published before anything rests on it.
 *
 * @throws EkoError `INVALID_CONFIG` where it cannot run in this process
 */
export function loadSodiumVrfCurve(random: RandomSource): Promise<VrfCurve> {
  return checkedVrfCurve(newInstance(random));
}

/** `loadSodiumVrfCurve` of an instance that is on its way. */
export async function checkedVrfCurve(instance: Promise<Sodium>): Promise<VrfCurve> {
  try {
    const sodium = await instance;
    if (sodium._sodium_init() < 0) throw new TypeError('libsodium does not initialise');
    const curve = new SodiumVrfCurve(sodium);
    requirePublished(curve);
    return curve;
  } catch (cause) {
    throw new EkoError(
      'INVALID_CONFIG',
      'libsodium does not work in this process; let Node run WebAssembly (no --jitless, no ulimit -v), and install with npm ci',
      { cause },
    );
  }
}

async function newInstance(random: RandomSource): Promise<Sodium> {
  // Its text is large, so only who asks for it reads it. `require` would find another form of it, which falls back to
  // plain JavaScript without a word.
  const { default: newSodium } = await import('libsodium-sumo');
  return newSodium({ getRandomValue: () => Buffer.from(random(4)).readUInt32LE() });
}

function requirePublished(curve: VrfCurve): void {
  const proof = decodeHex(PUBLISHED.proof);
  // Published, and so not disposed of: Node 18, which may run chaincode, knows no `using`.
  const seed = new SecretBytes('vrf seed', decodeHex(PUBLISHED.seed));
  const proved = proveVrf(seed, NOTHING, curve);
  if (!equalBytes(proved, proof)) throw new TypeError('libsodium makes another proof than the published one');
  verifyVrf(decodeHex(PUBLISHED.publicKey), NOTHING, proof, curve);
}

/** A result and two inputs. */
const SCRATCH_BYTES = 3 * POINT_BYTES;

/**
 * The curve of a VRF on libsodium: what it computes with a secret takes a time that does not depend on the secret, and
 * a fraction of the time of big integers.
 *
 * The memory that values pass through is wiped after every call. What libsodium leaves on its own stack stays there
 * until later calls overwrite it: whoever can read that can read the seed, which the process holds as long as it runs.
 */
export class SodiumVrfCurve implements VrfCurve {
  readonly #sodium: Sodium;
  readonly #scratch: number;
  #failure: EkoError | undefined;

  /**
   * @param sodium - an instance that nobody else uses
   * @throws EkoError `INTERNAL` where it has no memory
   */
  constructor(sodium: Sodium) {
    this.#sodium = sodium;
    this.#scratch = sodium._malloc(SCRATCH_BYTES);
    if (this.#scratch === 0) throw new EkoError('INTERNAL', 'libsodium has no memory left; restart the node');
  }

  clearCofactor(point: Uint8Array): Uint8Array | undefined {
    const twice = this.#add(point, point);
    // libsodium reads encodings that are not canonical, but writes none.
    const again = this.#subtract(twice, point);
    if (again === undefined || !equalBytes(again, point)) return undefined;
    const fourfold = this.#add(twice, twice);
    return this.#add(fourfold, fourfold);
  }

  reduce(wide: Uint8Array): Uint8Array {
    // The two halves come to lie side by side.
    const halves = [wide.subarray(0, POINT_BYTES), wide.subarray(POINT_BYTES)];
    return required(this.#run(this.#sodium._crypto_core_ed25519_scalar_reduce, ...halves));
  }

  multiplyBase(scalar: Uint8Array): Uint8Array {
    return required(this.#run(this.#sodium._crypto_scalarmult_ed25519_base_noclamp, scalar));
  }

  multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array {
    return required(this.#multiply(scalar, point));
  }

  respond(challenge: Uint8Array, scalar: Uint8Array, nonce: Uint8Array): Uint8Array {
    const product = required(this.#run(this.#sodium._crypto_core_ed25519_scalar_mul, challenge, scalar));
    try {
      return required(this.#run(this.#sodium._crypto_core_ed25519_scalar_add, product, nonce));
    } finally {
      product.fill(0);
    }
  }

  commitments(claim: VrfClaim): VrfCommitments | undefined {
    const { publicKey, gamma, h, challenge, response } = claim;
    const base = this.#run(this.#sodium._crypto_scalarmult_ed25519_base_noclamp, response);
    const u = this.#subtract(base, this.#multiply(challenge, publicKey));
    const v = this.#subtract(this.#multiply(response, h), this.#multiply(challenge, gamma));
    const cleared = this.clearCofactor(gamma);
    // libsodium multiplies neither by 0 nor a point with a part of small order; the verdict on such claims, which only
    // come from who means them, is the other implementation's.
    if (u === undefined || v === undefined || cleared === undefined) return nobleVrfCurve.commitments(claim);
    return { u, v, cleared };
  }

  #add(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
    return this.#run(this.#sodium._crypto_core_ed25519_add, a, b);
  }

  #subtract(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
    return this.#run(this.#sodium._crypto_core_ed25519_sub, a, b);
  }

  #multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array | undefined {
    return this.#run(this.#sodium._crypto_scalarmult_ed25519_noclamp, scalar, point);
  }

  /** What an operation makes of inputs of 32 bytes; `undefined` where it refuses them, or one was refused before. */
  #run(operation: SodiumOperation, ...inputs: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const result = this.#scratch;
    const addresses: number[] = [];
    try {
      for (const input of inputs) {
        if (input?.length !== POINT_BYTES) return undefined;
        const address = result + POINT_BYTES * (addresses.length + 1);
        this.#sodium.HEAPU8.set(input, address);
        addresses.push(address);
      }
      const status = operation(result, ...addresses) ?? 0;
      return status === 0 ? this.#sodium.HEAPU8.slice(result, result + POINT_BYTES) : undefined;
    } catch (cause) {
      // A module that was interrupted is in no known state: it must not be asked again.
      this.#failure = new EkoError('INTERNAL', 'libsodium failed; restart the node', { cause });
      throw this.#failure;
    } finally {
      this.#sodium.HEAPU8.fill(0, result, result + SCRATCH_BYTES);
    }
  }
}

/** Of inputs that cannot be refused. */
function required(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new TypeError('expected scalars other than 0 and a point of clearCofactor');
  return bytes;
}
