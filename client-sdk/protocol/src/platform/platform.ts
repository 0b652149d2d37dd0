/**
 * What the protocol computes on every platform with the same answer, and some platforms faster. `#platform` in
 * package.json says which file answers where: on Node its own primitives, elsewhere plain JavaScript.
 */
export interface Platform {
  /** SHA-256: 32 bytes, in a buffer of their own. */
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** HMAC-SHA-256 over the parts of a message, one after the other: 32 bytes, in a buffer of their own. */
  readonly hmacSha256: (key: Uint8Array, ...message: readonly Uint8Array[]) => Uint8Array;
  /** As `encodeBase64Url`. */
  readonly base64UrlOf: (bytes: Uint8Array) => string;
  /** As `decodeBase64Url`, of any size, in a buffer of its own. */
  readonly bytesOfBase64Url: (text: string) => Uint8Array;
}
