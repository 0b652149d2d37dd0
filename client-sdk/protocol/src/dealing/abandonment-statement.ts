import type { AbandonmentStatement } from '../ledger/schemas/dealings';

/** What a dealer signs when it gives a dealing up: which one, and nothing else of it. */
export function abandonmentStatement(dealing: AbandonmentStatement): AbandonmentStatement {
  const { channel, bundleId, epoch, fence, requestTxId, dealer, dealingId } = dealing;
  return { channel, bundleId, epoch, fence, requestTxId, dealer, dealingId };
}
