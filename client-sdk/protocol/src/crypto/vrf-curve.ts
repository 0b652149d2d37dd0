/** Size of a scalar: least significant byte first, below the order of the base point. */
export const SCALAR_BYTES = 32;

/** What a proof claims, with the point H that its input stands for. */
export interface VrfClaim {
  readonly publicKey: Uint8Array;
  readonly gamma: Uint8Array;
  /** From `clearCofactor`. */
  readonly h: Uint8Array;
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
}

/** What a claim comes to. */
export interface VrfCommitments {
  /** response * base point - challenge * public key. */
  readonly u: Uint8Array;
  /** response * H - challenge * Gamma. */
  readonly v: Uint8Array;
  /** Eight times Gamma. */
  readonly cleared: Uint8Array;
}

/**
 * The arithmetic of edwards25519 that an ECVRF needs. Points are encoded, 32 bytes; scalars are `SCALAR_BYTES`. Every
 * adapter gives the same answers to all bytes, sound or not: whether a proof holds is no matter of who verifies it.
 */
export interface VrfCurve {
  /** Eight times a point: the identity for those of small order, `undefined` for what is no canonical encoding. */
  clearCofactor(point: Uint8Array): Uint8Array | undefined;
  /** A secret number of 64 bytes as a scalar. The caller wipes both. */
  reduce(wide: Uint8Array): Uint8Array;
  /** A secret scalar, not 0, times the base point. */
  multiplyBase(scalar: Uint8Array): Uint8Array;
  /** A secret scalar, not 0, times a point of `clearCofactor` other than the identity. */
  multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array;
  /** challenge * scalar + nonce, of which the last two are secret. */
  respond(challenge: Uint8Array, scalar: Uint8Array, nonce: Uint8Array): Uint8Array;
  /** `undefined` where a point is no canonical encoding or the public key is of small order. All of it is public. */
  commitments(claim: VrfClaim): VrfCommitments | undefined;
}
