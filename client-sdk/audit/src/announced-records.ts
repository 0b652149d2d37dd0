import { EVENTS, STATE_KEYS, type AssignmentRecord, type LedgerEvent } from '@eko/protocol/ledger';
import type { Flaw } from './violation';

/** Records by their keys on the ledger. */
export type KeyedRecords = ReadonlyMap<string, object>;

/** What no event carries and a transaction writes nevertheless, as it follows from all events up to it. */
export interface DerivedWrites {
  readonly records: KeyedRecords;
  /** Why there is no such transaction, if there is none. */
  readonly broken?: Flaw;
}

/** The key of a record. */
export function stateKey(
  family: (typeof STATE_KEYS)[keyof typeof STATE_KEYS],
  ...parts: readonly (string | number)[]
): string {
  return [family, ...parts].join('/');
}

/** The records that an event carries, as its transaction writes them. */
export function announcedRecords(event: LedgerEvent): KeyedRecords {
  return new Map(recordsOf(event));
}

function recordsOf(event: LedgerEvent): readonly (readonly [string, object])[] {
  switch (event.name) {
    case EVENTS.heartbeat:
      return [[stateKey(STATE_KEYS.heartbeat, event.payload.nodeId), event.payload]];
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      return [
        [stateKey(STATE_KEYS.bundle, bundle.bundleId), bundle],
        ...(assignment === undefined ? [] : [assigned(assignment)]),
      ];
    }
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      return [[stateKey(STATE_KEYS.acceptance, acceptance.bundleId), acceptance], assigned(assignment)];
    }
    case EVENTS.orchestratorsReassigned:
      return [assigned(event.payload.assignment)];
    case EVENTS.dealingsRecorded: {
      const { record } = event.payload;
      return [[stateKey(STATE_KEYS.dealings, record.bundleId, record.epoch), record]];
    }
    case EVENTS.releaseAuthorized: {
      const { permit } = event.payload;
      return [[stateKey(STATE_KEYS.permit, permit.bundleId, permit.txId), permit]];
    }
    case EVENTS.streamsEnded:
      return event.payload.ends.map((end) => [
        stateKey(STATE_KEYS.end, end.bundleId, ...(end.index === undefined ? [] : [end.index])),
        end,
      ]);
    case EVENTS.destructionAttested: {
      const { attestation } = event.payload;
      const { nodeId, txId, atUnixMs, receipts } = attestation;
      const shown: readonly [string, object] = [
        stateKey(STATE_KEYS.heartbeat, nodeId),
        { nodeId, atUnixMs, receipts },
      ];
      return [
        [stateKey(STATE_KEYS.attestation, nodeId, txId), attestation],
        ...(receipts === undefined ? [] : [shown]),
      ];
    }
    default: {
      const { node } = event.payload;
      return [[stateKey(STATE_KEYS.node, node.nodeId), node]];
    }
  }
}

function assigned(assignment: AssignmentRecord): readonly [string, object] {
  return [stateKey(STATE_KEYS.assignment, assignment.bundleId, assignment.fence), assignment];
}
