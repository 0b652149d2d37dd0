/** A private X25519 key that never shows itself. */
export interface KeyAgreementKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The raw X25519 secret with a peer, or `undefined` where the peer's key has none (small order, wrong size). */
  agree(peerPublicKey: Uint8Array): Uint8Array | undefined;
}

/** An authenticated cipher of RFC 9180 section 7.3. */
export interface HpkeAead {
  readonly id: number;
  readonly keyBytes: number;
  readonly nonceBytes: number;
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or `undefined` where the tag does not hold. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
}

/** What HPKE needs of the platform, all of it synchronous. @see RFC 9180 section 4 */
export interface HpkePrimitives {
  readonly aead: HpkeAead;
  /** A fresh key from the system's generator. */
  newEphemeralKey(): KeyAgreementKey;
}
