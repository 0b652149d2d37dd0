import type { BundleBook, NamedTurns } from '@eko/node-kit';
import { withDestroyed } from '../core/apply-ledger-event';
import type { HeldDealing, WitnessedBundle } from '../core/witnessed-bundle';
import type { ShareKeeper } from './share-keeper';
import { dealerTurn, shareNamesOf } from './share-names';

/** What destroying shares needs. */
export interface ShareDestroying {
  readonly book: BundleBook<WitnessedBundle>;
  readonly shares: ShareKeeper;
  /** By dealer and bundle, shared with the taking of envelopes. */
  readonly turns: NamedTurns;
}

/**
 * Destroys the doomed shares of a bundle, and has them attested from then on; of a failure nothing is attested.
 * @returns how many were destroyed
 */
export async function destroyDoomed(
  { book, shares }: Pick<ShareDestroying, 'book' | 'shares'>,
  bundleId: string,
): Promise<number> {
  const doomed = book.get(bundleId)?.doomed ?? [];
  const names = doomed.flatMap((dealing) => shareNamesOf(bundleId, dealing));
  if (names.length === 0) return 0;
  await shares.shred(names);
  const state = book.get(bundleId);
  if (state !== undefined) book.set(bundleId, withDestroyed(state, doomed));
  return names.length;
}

/** Destroys the shares of a dealing that was given up here, unless it was delivered again meanwhile. */
export async function destroyDropped(
  { book, shares, turns }: ShareDestroying,
  bundleId: string,
  dealing: HeldDealing,
): Promise<void> {
  await turns.take(dealerTurn(bundleId, dealing.dealer), async () => {
    const held = new Set(book.get(bundleId)?.held.flatMap((again) => shareNamesOf(bundleId, again)));
    await shares.shred(shareNamesOf(bundleId, dealing).filter((name) => !held.has(name)));
  });
}
