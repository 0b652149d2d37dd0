/**
 * A suite of sealed messages (share envelopes and releases), whole: what it is called, which algorithms it is made of,
 * and how long their parts are.
 */
export interface EnvelopeSuite {
  /** Its name in records and under signatures. */
  readonly name: string;
  /** Its byte in the header of a sealed message. */
  readonly byte: number;
  /** How the sender and the recipient come to a secret. */
  readonly kem: {
    /** The kind of key, as a node's record names it. */
    readonly name: string;
    /** As RFC 9180 section 7.1 numbers it. */
    readonly id: number;
    /** Size of an encapsulated key. */
    readonly encBytes: number;
    readonly secretBytes: number;
  };
  /** How keys follow from that secret; as RFC 9180 section 7.2 numbers it. */
  readonly kdf: { readonly id: number };
  readonly aead: {
    /** As RFC 9180 section 7.3 numbers it. */
    readonly id: number;
    readonly keyBytes: number;
    readonly nonceBytes: number;
    /** What sealing adds to the plaintext. */
    readonly tagBytes: number;
  };
}

/**
 * The one suite of this version: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
 *
 * A second one (X-Wing, say) is a second row. It needs a name and a byte of its own; the identifiers and sizes; a
 * `KeyAgreementKey` that encapsulates with its KEM (`agree` of hpke.ts takes Diffie-Hellman for granted) and its AEAD in
 * the `HpkePrimitives` of each platform; `kem.name` as a kind of key that nodes can register, with a proof of
 * possession (key-possession.ts). Whoever opens a message then finds the row by the byte, and the schemas of node
 * records and dealings take the names of all rows.
 *
 * @see docs/protocol.md, "3. Dealing"; RFC 9180 section 7
 */
export const ENVELOPE_SUITE = {
  name: 'x25519-chacha20poly1305',
  byte: 0x01,
  kem: { name: 'x25519', id: 0x0020, encBytes: 32, secretBytes: 32 },
  kdf: { id: 0x0001 },
  aead: { id: 0x0003, keyBytes: 32, nonceBytes: 12, tagBytes: 16 },
} as const satisfies EnvelopeSuite;
