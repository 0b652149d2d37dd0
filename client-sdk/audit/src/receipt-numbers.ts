import { decodeBase64Url } from '@eko/protocol/encoding';

const HASH_BYTES = 32;
const CHUNK = 1024;

/** The hash of each receipt of one witness by its number: 32 bytes for each that was seen. */
export class ReceiptNumbers {
  readonly #chunks = new Map<number, Buffer>();

  /** The hash of that number's receipt, base64url; nothing where it was not seen. */
  get(number: number): string | undefined {
    const chunk = this.#chunks.get(Math.floor(number / CHUNK));
    if (chunk === undefined) return undefined;
    const start = (number % CHUNK) * HASH_BYTES;
    const bytes = chunk.subarray(start, start + HASH_BYTES);
    return bytes.some((byte) => byte !== 0) ? bytes.toString('base64url') : undefined;
  }

  /** Notes the hash of a number's receipt. */
  set(number: number, hash: string): void {
    const place = Math.floor(number / CHUNK);
    let chunk = this.#chunks.get(place);
    if (chunk === undefined) this.#chunks.set(place, (chunk = Buffer.alloc(CHUNK * HASH_BYTES)));
    chunk.set(decodeBase64Url(hash, HASH_BYTES), (number % CHUNK) * HASH_BYTES);
  }
}
