import { EkoError } from '@eko/protocol';
import { type BundleTerms } from '@eko/protocol/ledger';
import { sharesHeld, type WitnessState } from './witness-state';

/** Of a witness's store, the streams that one organisation asked for fill at most this part. */
const PARTS = 8;

/**
 * How many more shares a witness takes. What one organisation asks for is counted by itself, so that it cannot fill the
 * store for all others; what is on its way to the store is counted too.
 *
 * @see docs/protocol.md, "3. Dealing"
 */
export class StoreRoom {
  readonly #bundles: () => Iterable<WitnessState>;
  readonly #mostShares: number;
  readonly #coming = new Set<{ readonly mspId: string; readonly shares: number }>();

  /** @param mostShares - how many shares the store may hold */
  constructor(bundles: () => Iterable<WitnessState>, mostShares: number) {
    this.#bundles = bundles;
    this.#mostShares = mostShares;
  }

  /**
   * Keeps room for one dealing of a bundle, until the answer is disposed of.
   * @throws EkoError `STORE_FULL`
   */
  keepFor({ initiatorMsp: mspId, streams: shares }: BundleTerms): Disposable {
    const ofMsp = this.#held((other) => other === mspId) + shares;
    const ofAll = this.#held(() => true) + shares;
    if (ofMsp > Math.floor(this.#mostShares / PARTS) || ofAll > this.#mostShares)
      throw new EkoError('STORE_FULL', `No room is left for shares of streams that ${mspId} asks for`, {
        details: { mspId },
      });
    const kept = { mspId, shares };
    this.#coming.add(kept);
    return { [Symbol.dispose]: () => void this.#coming.delete(kept) };
  }

  #held(isCounted: (mspId: string) => boolean): number {
    let shares = sharesHeld([...this.#bundles()].filter(({ bundle }) => isCounted(bundle.initiatorMsp)));
    for (const kept of this.#coming) if (isCounted(kept.mspId)) shares += kept.shares;
    return shares;
  }
}
