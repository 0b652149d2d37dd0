import { EVENTS, type BundleView, type LedgerEvent } from '@eko/protocol/ledger';

/**
 * What a bundle looks like after an event: pure, and unchanged (the same object) where the event says nothing new. The
 * view is the one that `ReadBundle` answers, so that reading and following the ledger give the same.
 *
 * @see docs/protocol.md, "States"
 */
export function reduceBundle(view: BundleView | undefined, event: LedgerEvent): BundleView | undefined {
  if (event.name === EVENTS.streamsRequested) {
    const { bundle, assignment } = event.payload;
    return (
      view ?? { bundle, assignments: assignment === undefined ? [] : [assignment], dealings: [], ends: [] }
    );
  }
  if (view === undefined) return undefined;
  const { bundleId } = view.bundle;
  switch (event.name) {
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      if (view.acceptance !== undefined) return view;
      return { ...unlapsed(view), acceptance, assignments: [assignment] };
    }
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      const isKnown = view.assignments.some(({ fence }) => fence === assignment.fence);
      return isKnown ? view : { ...view, assignments: [...view.assignments, assignment] };
    }
    case EVENTS.dealingsRecorded: {
      const { record } = event.payload;
      const isKnown = view.dealings.some(({ epoch }) => epoch === record.epoch);
      return isKnown ? view : { ...unlapsed(view), dealings: [...view.dealings, record] };
    }
    case EVENTS.streamsEnded: {
      const fresh = event.payload.ends.filter(
        (end) => end.bundleId === bundleId && !view.ends.some(({ index }) => index === end.index),
      );
      return fresh.length === 0 ? view : { ...unlapsed(view), ends: [...view.ends, ...fresh] };
    }
    default:
      return view;
  }
}

/** What is on record comes before what the time alone says. */
function unlapsed({ lapse: _lapse, ...view }: BundleView): BundleView {
  return view;
}
