import { EkoError, type ErrorCode } from '../errors';

/**
 * Reads a binary message from front to back, in place, and never past its end.
 *
 * Numbers are unsigned, most significant byte first. Byte fields are views into the message, not copies.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #code: ErrorCode;
  readonly #what: string;
  #offset = 0;

  /**
   * @param code - what every failure of this message is reported as
   * @param what - what the message is, for people ("commitment sheet")
   */
  constructor(bytes: Uint8Array, code: ErrorCode, what: string) {
    this.#bytes = bytes;
    this.#code = code;
    this.#what = what;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /**
   * The next `size` bytes, as a view.
   *
   * @throws EkoError with the reader's code if fewer are left
   */
  take(size: number): Uint8Array {
    if (!Number.isInteger(size) || size < 0) throw new RangeError('expected a size in bytes');
    if (size > this.remaining) throw this.#failure('ends too early');
    const start = this.#offset;
    this.#offset += size;
    return this.#bytes.subarray(start, this.#offset);
  }

  /** The next byte as a number. */
  uint8(): number {
    return this.#number(1);
  }

  /** The next 2 bytes as a number. */
  uint16(): number {
    return this.#number(2);
  }

  /** The next 4 bytes as a number. */
  uint32(): number {
    return this.#number(4);
  }

  /**
   * A field that follows its own length (4 bytes), as a view.
   *
   * @throws EkoError with the reader's code if it claims more than `maxBytes` or more than is left
   */
  lengthPrefixed(maxBytes: number): Uint8Array {
    const size = this.uint32();
    if (size > maxBytes) throw this.#failure(`has a field longer than ${String(maxBytes)} bytes`);
    return this.take(size);
  }

  /**
   * Call when everything is read.
   *
   * @throws EkoError with the reader's code if bytes are left over
   */
  end(): void {
    if (this.remaining > 0) throw this.#failure('has bytes left over');
  }

  #number(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  #failure(problem: string): EkoError {
    return new EkoError(this.#code, `${this.#what} ${problem}`);
  }
}
