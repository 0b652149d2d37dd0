import { EVENTS, STATE_KEYS, type AssignmentRecord, type LedgerEvent } from '@eko/protocol/ledger';

/** Records by their keys on the ledger. */
export type KeyedRecords = ReadonlyMap<string, object>;

/** What a record says of the transaction that wrote it. */
export interface Claim {
  readonly author?: string;
  readonly txId?: string;
  readonly atUnixMs?: number;
  readonly streamId?: string;
}

/** What follows from an event alone. */
interface EventFacts {
  /** What it says of its author, transaction and time. */
  readonly claims: readonly Claim[];
  /** The records that it carries, as its transaction writes them. */
  readonly records: readonly (readonly [string, object])[];
}

/** The key of a record. */
export function stateKey(
  family: (typeof STATE_KEYS)[keyof typeof STATE_KEYS],
  ...parts: readonly (string | number)[]
): string {
  return [family, ...parts].join('/');
}

/** What an event says of its author, transaction and time. */
export const claimsOf = (event: LedgerEvent): readonly Claim[] => factsOf(event).claims;

/** The records that an event carries, as its transaction writes them. */
export const announcedRecords = (event: LedgerEvent): KeyedRecords => new Map(factsOf(event).records);

/** One case for each event: an auditor knows nothing else of one that it does not judge. */
function factsOf(event: LedgerEvent): EventFacts {
  switch (event.name) {
    case EVENTS.nodeRegistered:
    case EVENTS.nodeUpdated:
    case EVENTS.nodeApproved:
    case EVENTS.nodeRejected:
    case EVENTS.nodeRetired:
    case EVENTS.offersChanged: {
      const { node } = event.payload;
      return { claims: [{ txId: node.txId }], records: [[stateKey(STATE_KEYS.node, node.nodeId), node]] };
    }
    case EVENTS.heartbeat: {
      const { nodeId, atUnixMs } = event.payload;
      return {
        claims: [{ author: nodeId, atUnixMs }],
        records: [[stateKey(STATE_KEYS.heartbeat, nodeId), event.payload]],
      };
    }
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      const { bundleId, initiator: author, requestTxId: txId, requestedAtUnixMs: atUnixMs } = bundle;
      const assigned = assignment === undefined ? [] : [assignment];
      return {
        claims: [
          { author, txId, atUnixMs, streamId: bundleId },
          ...assigned.map((record) => ({ ...record, streamId: bundleId })),
        ],
        records: [[stateKey(STATE_KEYS.bundle, bundleId), bundle], ...assigned.map(keyedAssignment)],
      };
    }
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      const { by: author, bundleId: streamId, txId, atUnixMs } = acceptance;
      return {
        claims: [
          { author, txId, atUnixMs, streamId },
          { ...assignment, streamId },
        ],
        records: [[stateKey(STATE_KEYS.acceptance, streamId), acceptance], keyedAssignment(assignment)],
      };
    }
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      return {
        claims: [{ ...assignment, streamId: assignment.bundleId }],
        records: [keyedAssignment(assignment)],
      };
    }
    case EVENTS.dealingsRecorded: {
      const { record } = event.payload;
      const { by: author, bundleId: streamId, epoch, txId, atUnixMs } = record;
      return {
        claims: [{ author, txId, atUnixMs, streamId }],
        records: [[stateKey(STATE_KEYS.dealings, streamId, epoch), record]],
      };
    }
    case EVENTS.releaseAuthorized: {
      const { permit } = event.payload;
      const { party: author, bundleId: streamId, txId, atUnixMs } = permit;
      return {
        claims: [{ author, txId, atUnixMs, streamId }],
        records: [[stateKey(STATE_KEYS.permit, streamId, txId), permit]],
      };
    }
    case EVENTS.streamsEnded: {
      const { ends } = event.payload;
      return {
        claims: ends.map(({ bundleId, index, by: author, txId, atUnixMs }) => ({
          author,
          txId,
          atUnixMs,
          streamId: index === undefined ? bundleId : `${bundleId}/${index}`,
        })),
        records: ends.map((end) => [
          stateKey(STATE_KEYS.end, end.bundleId, ...(end.index === undefined ? [] : [end.index])),
          end,
        ]),
      };
    }
    case EVENTS.destructionAttested: {
      const { record } = event.payload;
      const { by: author, txId, atUnixMs, attestations } = record;
      // Of those of others nothing but the record is written.
      const receipts = attestations.find(({ nodeId }) => nodeId === author)?.receipts;
      const shown: readonly [string, object] = [
        stateKey(STATE_KEYS.heartbeat, author),
        { nodeId: author, atUnixMs, receipts },
      ];
      return {
        claims: [{ author, txId, atUnixMs }],
        records: [
          [stateKey(STATE_KEYS.attestation, txId), record],
          ...(receipts === undefined ? [] : [shown]),
        ],
      };
    }
  }
}

function keyedAssignment(assignment: AssignmentRecord): readonly [string, object] {
  return [stateKey(STATE_KEYS.assignment, assignment.bundleId, assignment.fence), assignment];
}
