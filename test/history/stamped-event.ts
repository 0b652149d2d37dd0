import { EVENTS, type BundleRecord, type LedgerEvent } from '@eko/protocol/ledger';
import { encodeCanonicalJson, utf8Encode } from '@eko/protocol/encoding';
import { hashText } from '@eko/protocol/crypto';

type WithoutPlace<Event> = Event extends unknown ? Omit<Event, 'blockNumber' | 'txId'> : never;

/** An event as a test makes it up. */
export type PlantedEvent = WithoutPlace<LedgerEvent>;

/** The transaction that an event came with. */
export interface Stamp {
  readonly txId: string;
  readonly atUnixMs: number;
}

/** An event whose records name the transaction that they come with, as the contracts write them. */
export function stampedEvent(event: PlantedEvent, stamp: Stamp): PlantedEvent {
  const { txId, atUnixMs } = stamp;
  switch (event.name) {
    case EVENTS.heartbeat:
      return { ...event, payload: { ...event.payload, atUnixMs } };
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      const { durationSeconds } = bundle.policy;
      return {
        ...event,
        payload: {
          bundle: {
            ...bundle,
            requestHash: requestHashOf(bundle),
            requestTxId: txId,
            requestedAtUnixMs: atUnixMs,
            notAfterUnixMs: atUnixMs + durationSeconds * 1_000,
          },
          ...(assignment === undefined ? {} : { assignment: { ...assignment, ...stamp } }),
        },
      };
    }
    case EVENTS.streamsAccepted:
      return {
        ...event,
        payload: {
          ...event.payload,
          acceptance: { ...event.payload.acceptance, ...stamp },
          assignment: { ...event.payload.assignment, ...stamp },
        },
      };
    case EVENTS.orchestratorsReassigned:
      return {
        ...event,
        payload: { ...event.payload, assignment: { ...event.payload.assignment, ...stamp } },
      };
    case EVENTS.dealingsRecorded:
      return { ...event, payload: { record: { ...event.payload.record, ...stamp } } };
    case EVENTS.releaseAuthorized:
      return { ...event, payload: { permit: { ...event.payload.permit, ...stamp } } };
    case EVENTS.streamsEnded:
      return { ...event, payload: { ends: event.payload.ends.map((end) => ({ ...end, ...stamp })) } };
    case EVENTS.destructionAttested:
      return { ...event, payload: { record: { ...event.payload.record, ...stamp } } };
    default:
      return { ...event, payload: { node: { ...event.payload.node, txId } } };
  }
}

/** The hash of what was asked, as it follows from a bundle's record. */
export function requestHashOf({ bundleId, policy, requests }: BundleRecord): string {
  return hashText(utf8Encode(encodeCanonicalJson({ bundleId, policy, requests })));
}

/** Who submits what a test makes up, unless it says otherwise: whom the event names, or anybody who may. */
export function authorOf(event: PlantedEvent): string {
  switch (event.name) {
    case EVENTS.heartbeat:
      return event.payload.nodeId;
    case EVENTS.streamsRequested:
      return event.payload.bundle.initiator;
    case EVENTS.streamsAccepted:
      return event.payload.acceptance.by;
    case EVENTS.orchestratorsReassigned:
      return event.payload.assignment.orchestrators[0] ?? '';
    case EVENTS.dealingsRecorded:
      return event.payload.record.by;
    case EVENTS.releaseAuthorized:
      return event.payload.permit.party;
    case EVENTS.streamsEnded:
      return event.payload.ends[0]?.by ?? '';
    case EVENTS.destructionAttested:
      return event.payload.record.by;
    default:
      return event.payload.node.nodeId;
  }
}
