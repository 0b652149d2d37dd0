import type { BundleView } from './schemas/queries';
import type { EndRecord, StreamEnd, StreamState } from './schemas/streams';

/** The tombstone that applies to one stream of a bundle: its own, else the bundle's. */
export function endOf(ends: readonly EndRecord[], index: number): EndRecord | undefined {
  return ends.find((end) => end.index === index) ?? ends.find((end) => end.index === undefined);
}

/** How one stream of a bundle ended: by its tombstone, or by the lapse of the bundle. */
export function streamEndOf(
  { bundle, ends, lapse }: Pick<BundleView, 'bundle' | 'ends' | 'lapse'>,
  index: number,
): StreamEnd | undefined {
  return endOf(ends, index) ?? (lapse === undefined ? undefined : { bundleId: bundle.bundleId, ...lapse });
}

/** A stream's state, derived from which records exist and whether the bundle lapsed. @see docs/protocol.md, "States" */
export function streamStateOf(view: BundleView, index: number): StreamState {
  if (streamEndOf(view, index) !== undefined) return 'ended';
  if (view.dealings.length > 0) return 'active';
  return view.acceptance !== undefined || view.bundle.offerId !== undefined ? 'accepted' : 'requested';
}
