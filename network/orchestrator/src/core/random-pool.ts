import { drawRandom, type RandomSource } from '@eko/protocol/crypto';

const POOL_BYTES = 16 * 1024;

/**
 * Hands out a large draw in small parts, because each call of the system's generator costs more than the bytes do. No
 * byte is given twice; what is left over is wiped on disposal.
 */
export class RandomPool implements Disposable {
  readonly #source: RandomSource;
  #pool: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(source: RandomSource) {
    this.#source = source;
  }

  /** As a `RandomSource`: the part belongs to the caller, who wipes it. */
  readonly draw: RandomSource = (length) => {
    if (length > POOL_BYTES) return drawRandom(this.#source, length);
    if (this.#used + length > this.#pool.length) {
      this.dispose();
      this.#pool = drawRandom(this.#source, POOL_BYTES);
      this.#used = 0;
    }
    const part = this.#pool.subarray(this.#used, this.#used + length);
    this.#used += length;
    return part;
  };

  /** Wipes what was not handed out. */
  dispose(): void {
    this.#pool.fill(0, this.#used);
    this.#used = this.#pool.length;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
