import { EVENTS } from '../names';
import type { LedgerEvent } from './schemas/events';

/** The bundles that an event speaks of, each once. */
export function bundlesOf(event: LedgerEvent): readonly string[] {
  switch (event.name) {
    case EVENTS.streamsRequested:
      return [event.payload.bundle.bundleId];
    case EVENTS.streamsAccepted:
      return [event.payload.acceptance.bundleId];
    case EVENTS.orchestratorsReassigned:
      return [event.payload.assignment.bundleId];
    case EVENTS.dealingsRecorded:
      return [event.payload.record.bundleId];
    case EVENTS.releaseAuthorized:
      return [event.payload.permit.bundleId];
    case EVENTS.streamsEnded:
      return [...new Set(event.payload.ends.map((end) => end.bundleId))];
    case EVENTS.destructionAttested:
      return [...new Set(event.payload.attestation.destructions.map((entry) => entry.bundleId))];
    default:
      return [];
  }
}
