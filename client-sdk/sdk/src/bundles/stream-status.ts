import { formatStreamId, type StreamEnd, type StreamState } from '@eko/protocol';
import { streamStateOf, type BundleView, streamEndOf } from '@eko/protocol/ledger';

/** Where one stream stands on the ledger. */
export interface StreamStatus {
  /** `bundleId/index`. */
  readonly streamId: string;
  /** UUID of the bundle. */
  readonly bundleId: string;
  /** Place of the stream in its bundle, from 0. */
  readonly index: number;
  /** How far it has come. */
  readonly state: StreamState;
  /** The tombstone, or that the bundle lapsed, once `state` is `ended`. */
  readonly end?: StreamEnd;
}

/** The status of one stream of a bundle. */
export function streamStatusOf(view: BundleView, index: number): StreamStatus {
  const { bundleId } = view.bundle;
  const end = streamEndOf(view, index);
  return {
    streamId: formatStreamId({ bundleId, index }),
    bundleId,
    index,
    state: streamStateOf(view, index),
    ...(end === undefined ? {} : { end }),
  };
}

/** The places of a bundle's streams, in order. */
export function indicesOf(view: BundleView): readonly number[] {
  return view.bundle.requests.map((_request, index) => index);
}

/** The streams of a bundle that are active now. */
export function activeIndicesOf(view: BundleView): readonly number[] {
  return indicesOf(view).filter((index) => streamStateOf(view, index) === 'active');
}

/** Tells whether every stream of a bundle has ended. */
export function isBundleOver(view: BundleView): boolean {
  return (
    view.lapse !== undefined ||
    view.ends.some(({ index }) => index === undefined) ||
    view.ends.length >= view.bundle.requests.length
  );
}
