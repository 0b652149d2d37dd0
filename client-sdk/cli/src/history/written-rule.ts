import { EVENTS, STATE_KEYS, type LedgerEvent } from '@eko/protocol';

/** Every family of facts but the registry, which is updated in place. */
export const WRITTEN_ONCE: ReadonlySet<string> = new Set([
  STATE_KEYS.bundle,
  STATE_KEYS.acceptance,
  STATE_KEYS.assignment,
  STATE_KEYS.dealings,
  STATE_KEYS.permit,
  STATE_KEYS.end,
  STATE_KEYS.attestation,
]);
/** Families of records that everybody goes by, each of which an event announces. The rest is the contracts' own count. */
const ANNOUNCED: ReadonlySet<string> = new Set([STATE_KEYS.node, STATE_KEYS.heartbeat, ...WRITTEN_ONCE]);

/**
 * Holds the keys that a transaction writes against its event: a record that no event announces is one that contracts go
 * by and nobody is told of, and an event without its record is the other way round.
 *
 * @returns what is wrong, or `undefined`
 */
export function brokenWrites(event: LedgerEvent | undefined, writes: readonly string[]): string | undefined {
  const announced = new Set(event === undefined ? [] : keysOf(event));
  const written = new Set(writes.filter((key) => ANNOUNCED.has(key.split('/')[0] ?? '')));
  const hidden = [...written].find((key) => !announced.has(key));
  if (hidden !== undefined) return `it writes ${hidden}, which no event announces`;
  const missing = [...announced].find((key) => !written.has(key));
  return missing === undefined ? undefined : `its event announces ${missing}, which it does not write`;
}

/** The keys of the records in an event. */
export function keysOf(event: LedgerEvent): readonly string[] {
  const key = (...parts: (string | number)[]): string => parts.join('/');
  switch (event.name) {
    case EVENTS.heartbeat:
      return [key(STATE_KEYS.heartbeat, event.payload.nodeId)];
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      const first = assignment === undefined ? [] : [assignment];
      return [
        key(STATE_KEYS.bundle, bundle.bundleId),
        ...first.map(({ bundleId, fence }) => key(STATE_KEYS.assignment, bundleId, fence)),
      ];
    }
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      return [
        key(STATE_KEYS.acceptance, acceptance.bundleId),
        key(STATE_KEYS.assignment, assignment.bundleId, assignment.fence),
      ];
    }
    case EVENTS.orchestratorsReassigned: {
      const { bundleId, fence } = event.payload.assignment;
      return [key(STATE_KEYS.assignment, bundleId, fence)];
    }
    case EVENTS.dealingsRecorded: {
      const { bundleId, epoch } = event.payload.record;
      return [key(STATE_KEYS.dealings, bundleId, epoch)];
    }
    case EVENTS.releaseAuthorized: {
      const { bundleId, txId } = event.payload.permit;
      return [key(STATE_KEYS.permit, bundleId, txId)];
    }
    case EVENTS.streamsEnded:
      return event.payload.ends.map(({ bundleId, index }) =>
        index === undefined ? key(STATE_KEYS.end, bundleId) : key(STATE_KEYS.end, bundleId, index),
      );
    case EVENTS.destructionAttested: {
      const { nodeId, txId, receipts } = event.payload.attestation;
      return [
        key(STATE_KEYS.attestation, nodeId, txId),
        ...(receipts === undefined ? [] : [key(STATE_KEYS.heartbeat, nodeId)]),
      ];
    }
    default:
      return [key(STATE_KEYS.node, event.payload.node.nodeId)];
  }
}
