import { EVENTS } from '../names';
import type { LedgerEvent } from './schemas/events';
import type { NodeRecord } from './schemas/nodes';

/** The node whose record an event changed, as it is from then on; `undefined` for an event that concerns no record of a node. */
export function nodeOf(event: LedgerEvent): NodeRecord | undefined {
  switch (event.name) {
    case EVENTS.nodeRegistered:
    case EVENTS.nodeUpdated:
    case EVENTS.nodeApproved:
    case EVENTS.nodeRejected:
    case EVENTS.nodeRetired:
    case EVENTS.offersChanged:
      return event.payload.node;
    default:
      return undefined;
  }
}
