import type { EndedStreams, HeldDealing } from '../core/witnessed-bundle';

/** The name of one share in the vault. */
export function shareName(
  bundleId: string,
  dealing: Pick<HeldDealing, 'dealer' | 'dealingId' | 'epoch'>,
  index: number,
): string {
  return `${bundleId}/${dealing.epoch}/${dealing.dealer}/${dealing.dealingId}/${index}`;
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
