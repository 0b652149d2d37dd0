import type { HeldDealing } from '../core/witnessed-bundle';

/**
 * The name of one share in the vault. With the envelope's hash in it nothing can overwrite the shares of another envelope:
 * whatever reached the disk before a crash, what a book says of a dealing is never answered with shares of another.
 */
export function shareName(
  bundleId: string,
  dealing: Pick<HeldDealing, 'dealer' | 'dealingId' | 'epoch' | 'envelopeHash'>,
  index: number,
): string {
  const { epoch, dealer, dealingId, envelopeHash } = dealing;
  return `${bundleId}/${epoch}/${dealer}/${dealingId}/${envelopeHash}/${index}`;
}

/** Whose turn it is to change what is stored of one dealer's dealings of a bundle. */
export function dealerTurn(bundleId: string, dealer: string): string {
  return `${bundleId}/${dealer}`;
}

/** The names of a dealing's shares. */
export function shareNamesOf(bundleId: string, dealing: HeldDealing): readonly string[] {
  return dealing.shares.map((share) => shareName(bundleId, dealing, share.index));
}
