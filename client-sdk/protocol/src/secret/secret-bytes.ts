import { equalBytes } from '../encoding/bytes';

const REDACTED = '[redacted]';
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/**
 * Bytes that must not be seen: the only form in which a secret exists in this project.
 *
 * It owns its buffer and wipes it on `dispose`. Whoever creates one disposes of it, best with `using`. However it is
 * printed (string, JSON, inspect, spread, inside an error) it shows `[redacted]` or nothing.
 *
 * Wiping has limits: copies that `use` hands to other code, strings made of the bytes, and pages that the system has
 * swapped out are out of its reach.
 */
export class SecretBytes<Label extends string = string> {
  /** What the secret is for; public, and part of its type. */
  readonly label: Label;
  /** Its size in bytes. */
  readonly length: number;
  #bytes: Uint8Array | undefined;

  /**
   * @param bytes - the secret itself, taken over without a copy: the caller must not keep it
   */
  constructor(label: Label, bytes: Uint8Array) {
    this.label = label;
    this.length = bytes.length;
    this.#bytes = bytes;
  }

  /** Whether it has been wiped. */
  get isDisposed(): boolean {
    return this.#bytes === undefined;
  }

  /**
   * Lends the bytes to `read`, which must neither keep nor change them, and must be synchronous.
   *
   * @returns what `read` returns
   * @throws TypeError if the secret has been disposed of
   */
  use<Result>(read: (bytes: Uint8Array) => Result): Result {
    if (this.#bytes === undefined) throw new TypeError(`the secret (${this.label}) has been disposed of`);
    return read(this.#bytes);
  }

  /** Tells whether the other secret has the same bytes, in a time that depends on the lengths alone. */
  equals(other: SecretBytes<Label>): boolean {
    return this.use((mine) => other.use((theirs) => equalBytes(mine, theirs)));
  }

  /** Overwrites the bytes with zeros; doing so again is harmless. */
  dispose(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Shows nothing: `[redacted]`. */
  toString(): string {
    return REDACTED;
  }

  /** Shows nothing: `[redacted]`. */
  toJSON(): string {
    return REDACTED;
  }

  [INSPECT](): string {
    return REDACTED;
  }
}
