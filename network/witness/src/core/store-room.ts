import { EkoError } from '@eko/protocol';
import { type BundleTerms } from '@eko/protocol/ledger';
import { sharesHeld, type WitnessState } from './witness-state';

/** What the witness holds, and each change of it. */
interface WatchedBundles {
  watch(
    watcher: (bundleId: string, after: WitnessState | undefined, before: WitnessState | undefined) => void,
  ): void;
}

/** Of a witness's store, the streams that one organisation asked for fill at most this part. */
const PARTS = 8;

/**
 * How many more shares a witness takes. What one organisation asks for is counted by itself, so that it cannot fill the
 * store for all others; what is on its way to the store is counted too.
 *
 * @see docs/protocol.md, "3. Dealing"
 */
export class StoreRoom {
  readonly #mostShares: number;
  readonly #ofMsp = new Map<string, number>();
  #ofAll = 0;
  #stored = 0;

  /**
   * @param mostShares - how many shares the store may hold
   */
  constructor(bundles: WatchedBundles, mostShares: number) {
    this.#mostShares = mostShares;
    bundles.watch((_, after, before) => {
      this.#note(before, -1);
      this.#note(after, 1);
    });
  }

  /** How many shares are stored. */
  get stored(): number {
    return this.#stored;
  }

  /**
   * Keeps room for one dealing of a bundle, until the answer is disposed of.
   * @throws EkoError `STORE_FULL`
   */
  keepFor(bundle: BundleTerms): Disposable {
    const { initiatorMsp: mspId, streams: shares } = bundle;
    const ofMsp = (this.#ofMsp.get(mspId) ?? 0) + shares;
    if (ofMsp > Math.floor(this.#mostShares / PARTS) || this.#ofAll + shares > this.#mostShares)
      throw new EkoError('STORE_FULL', `No room is left for shares of streams that ${mspId} asks for`, {
        details: { mspId },
      });
    this.#count(bundle, shares);
    let isKept = true;
    return {
      [Symbol.dispose]: () => {
        if (isKept) this.#count(bundle, -shares);
        isKept = false;
      },
    };
  }

  #note(state: WitnessState | undefined, sign: 1 | -1): void {
    if (state === undefined) return;
    const shares = sign * sharesHeld(state);
    this.#stored += shares;
    this.#count(state.bundle, shares);
  }

  #count({ initiatorMsp }: BundleTerms, shares: number): void {
    const ofMsp = (this.#ofMsp.get(initiatorMsp) ?? 0) + shares;
    if (ofMsp === 0) this.#ofMsp.delete(initiatorMsp);
    else this.#ofMsp.set(initiatorMsp, ofMsp);
    this.#ofAll += shares;
  }
}
