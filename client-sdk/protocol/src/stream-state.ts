import type { BundleView } from './schemas/queries';
import type { EndRecord, StreamState } from './schemas/streams';

/** The tombstone that applies to one stream of a bundle: its own, else the bundle's. */
export function endOf(ends: readonly EndRecord[], index: number): EndRecord | undefined {
  return ends.find((end) => end.index === index) ?? ends.find((end) => end.index === undefined);
}

/** A stream's state, derived from which records exist. @see docs/protocol.md, "States" */
export function streamStateOf(view: BundleView, index: number): StreamState {
  if (endOf(view.ends, index) !== undefined) return 'ended';
  if (view.dealings.length > 0) return 'active';
  return view.acceptance !== undefined || view.bundle.offerId !== undefined ? 'accepted' : 'requested';
}
