import type { BundleBook, NamedTurns } from '@eko/node-kit';
import { withDestroyed } from '../core/apply-ledger-event';
import type { HeldDealing, WitnessState } from '../core/witness-state';
import { shareNamesOf, type ShareStore } from './share-store';

/** What destroying shares needs. */
export interface DestroySharesDeps {
  readonly book: BundleBook<WitnessState>;
  readonly shares: ShareStore;
  /** By dealer and bundle, shared with the taking of envelopes. */
  readonly turns: NamedTurns;
}

/** Whose turn it is to change what is stored of one dealer's dealings of a bundle. */
export function dealerTurn(bundleId: string, dealer: string): string {
  return `${bundleId}/${dealer}`;
}

/**
 * Destroys those shares of a bundle that are to go, and has them attested from then on; of a failure nothing is attested.
 * @returns how many were destroyed
 */
export async function destroyShares(
  { book, shares }: Pick<DestroySharesDeps, 'book' | 'shares'>,
  bundleId: string,
): Promise<number> {
  const toDestroy = book.get(bundleId)?.toDestroy ?? [];
  const names = toDestroy.flatMap((dealing) => shareNamesOf(bundleId, dealing));
  if (names.length === 0) return 0;
  await shares.destroy(names);
  const state = book.get(bundleId);
  if (state !== undefined) book.set(bundleId, withDestroyed(state, toDestroy));
  return names.length;
}

/** Destroys the shares of a dealing that was dropped here, unless it was delivered again meanwhile. */
export async function destroyDropped(
  { book, shares, turns }: DestroySharesDeps,
  bundleId: string,
  dealing: HeldDealing,
): Promise<void> {
  await turns.take(dealerTurn(bundleId, dealing.dealer), async () => {
    const held = new Set(book.get(bundleId)?.held.flatMap((again) => shareNamesOf(bundleId, again)));
    await shares.destroy(shareNamesOf(bundleId, dealing).filter((name) => !held.has(name)));
  });
}
