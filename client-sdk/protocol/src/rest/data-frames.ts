import { uint32Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { LIMITS } from '../limits';

const HEAD_BYTES = 4;
const END_READ = 0xffff_ffff;

/** The last frame of a direction: it says that all is sent, which the end of a connection never does. */
export const END_FRAME = uint32Bytes(0);

/** As `END_FRAME`, of a side that has read the other direction to its end. */
export const END_READ_FRAME = uint32Bytes(END_READ);

/**
 * What goes before the bytes of a frame on the upgrade's leg: their number, 4 bytes, big-endian. The two
 * numbers that no frame can have are the end.
 *
 * @throws RangeError for no bytes, or more than `LIMITS.frameBytes`
 */
export function encodeFrameHead(bytes: number): Uint8Array {
  if (!Number.isSafeInteger(bytes) || bytes < 1 || bytes > LIMITS.frameBytes)
    throw new RangeError(`a frame has 1 to ${LIMITS.frameBytes} bytes`);
  return uint32Bytes(bytes);
}

/** Takes one direction's frames apart again, in whatever pieces they come. */
export class FrameReader {
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headBytes = 0;
  #left = 0;
  #isEnded = false;
  #hasReadAll = false;

  /** Whether the last frame has come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the last frame said that the other direction was read to its end. */
  get hasReadAll(): boolean {
    return this.#hasReadAll;
  }

  /**
   * The data in the next piece of a connection, as views of it.
   *
   * @throws EkoError `TOO_LARGE` for a frame that is larger than any may be, `INVALID_ARGUMENT` for bytes behind the end
   */
  take(piece: Uint8Array): readonly Uint8Array[] {
    const data: Uint8Array[] = [];
    for (let at = 0; at < piece.length;) {
      if (this.#isEnded) throw new EkoError('INVALID_ARGUMENT', 'Bytes follow the frame that ends them');
      if (this.#left > 0) {
        const part = piece.subarray(at, at + this.#left);
        data.push(part);
        this.#left -= part.length;
        at += part.length;
        continue;
      }
      const part = piece.subarray(at, at + HEAD_BYTES - this.#headBytes);
      this.#head.set(part, this.#headBytes);
      this.#headBytes += part.length;
      at += part.length;
      if (this.#headBytes === HEAD_BYTES) this.#begin();
    }
    return data;
  }

  #begin(): void {
    this.#headBytes = 0;
    this.#left = new DataView(this.#head.buffer).getUint32(0);
    this.#hasReadAll = this.#left === END_READ;
    this.#isEnded = this.#hasReadAll || this.#left === 0;
    if (this.#isEnded) this.#left = 0;
    if (this.#left > LIMITS.frameBytes) {
      throw new EkoError('TOO_LARGE', `A frame has at most ${LIMITS.frameBytes} bytes`, {
        details: { bytes: this.#left },
      });
    }
  }
}
