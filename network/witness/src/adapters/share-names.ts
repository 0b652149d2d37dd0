import type { EndedStreams, HeldDealing } from '../core/witnessed-bundle';

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

/** The names of a dealing's shares, of all its streams or of some. */
export function shareNamesOf(
  bundleId: string,
  dealing: HeldDealing,
  streams: EndedStreams = 'all',
): readonly string[] {
  return dealing.shares
    .filter((share) => streams === 'all' || streams.includes(share.index))
    .map((share) => shareName(bundleId, dealing, share.index));
}
