import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { LIMITS } from '../limits';
import { AttestDestruction, AttestationRecord, AttestedDestruction } from './schemas/attestations';
import { AuthorizeRelease, DealingsRecord, PermitRecord, RecordDealings } from './schemas/dealings';
import {
  ListNodes,
  NodePage,
  NodeRecord,
  NodeReference,
  NodeVersion,
  PublishOffer,
  ReadRoster,
  RegisterNode,
  Roster,
  UpdateNode,
  WithdrawOffer,
} from './schemas/nodes';
import { BundleView } from './schemas/queries';
import { Heartbeat, HeartbeatRecord } from './schemas/receipt-head';
import { UnixMs, strictObject } from './schemas/scalars';
import {
  AcceptStream,
  AcceptanceRecord,
  AssignmentRecord,
  BundleRecord,
  BundleReference,
  BundleTerms,
  DeclineStream,
  EndRecord,
  EndStream,
  OpenSlots,
  ProviderReference,
  ReassignOrchestrators,
  RequestStreams,
  RevokeStream,
} from './schemas/streams';

/** A schema, by what fits it. */
interface SchemaOf<Value> extends TSchema {
  readonly static: Value;
}

/** An event of the chaincode: its name, and the schema of the public record after the change that it carries. */
interface EventRow<Name extends string, Payload> {
  readonly name: Name;
  readonly payload: SchemaOf<Payload>;
}

const eventRow = <Name extends string, Payload>(
  name: Name,
  payload: SchemaOf<Payload>,
): EventRow<Name, Payload> => ({ name, payload });

const nodeChange = strictObject({ node: NodeRecord });
/** With an assignment where a standing offer consents by the same transaction. */
const requested = strictObject({ bundle: BundleRecord, assignment: Type.Optional(AssignmentRecord) });

/** Every event, once: a transaction sets one at the most. */
const EVENT_ROWS = {
  nodeRegistered: eventRow('NodeRegistered', nodeChange),
  nodeUpdated: eventRow('NodeUpdated', nodeChange),
  nodeApproved: eventRow('NodeApproved', nodeChange),
  nodeRejected: eventRow('NodeRejected', nodeChange),
  nodeRetired: eventRow('NodeRetired', nodeChange),
  offersChanged: eventRow('OffersChanged', nodeChange),
  heartbeat: eventRow('Heartbeat', HeartbeatRecord),
  streamsRequested: eventRow('StreamsRequested', requested),
  streamsAccepted: eventRow(
    'StreamsAccepted',
    strictObject({ acceptance: AcceptanceRecord, assignment: AssignmentRecord, terms: BundleTerms }),
  ),
  /** With what those need who are assigned now and were not before: they kept nothing of the bundle. */
  orchestratorsReassigned: eventRow(
    'OrchestratorsReassigned',
    strictObject({ assignment: AssignmentRecord, consentedAtUnixMs: UnixMs, terms: BundleTerms }),
  ),
  dealingsRecorded: eventRow('DealingsRecorded', strictObject({ record: DealingsRecord })),
  releaseAuthorized: eventRow('ReleaseAuthorized', strictObject({ permit: PermitRecord })),
  streamsEnded: eventRow('StreamsEnded', strictObject({ ends: Type.Array(EndRecord, { minItems: 1 }) })),
  destructionAttested: eventRow('DestructionAttested', strictObject({ record: AttestationRecord })),
};

/** The names of all events. */
export const EVENTS = namesOf(EVENT_ROWS);

/** A chaincode event's name. */
export type EventName = (typeof EVENTS)[keyof typeof EVENTS];

type EventRows = typeof EVENT_ROWS;

type PayloadSchemas = {
  readonly [Word in keyof EventRows as EventRows[Word]['name']]: EventRows[Word]['payload'];
};

/** The schema of every event's payload, by the event's name. */
export const EVENT_PAYLOADS = Object.fromEntries(
  Object.values(EVENT_ROWS).map(({ name, payload }) => [name, payload]),
  // The compiler cannot follow which schema stands in which row.
) as unknown as PayloadSchemas;

/** What every event carries, by the event's name. */
export type EventPayloads = { readonly [Name in EventName]: Static<PayloadSchemas[Name]> };

/** How far a transaction's time may be from the clock of a peer that endorses it, each way, in milliseconds. */
export interface ClockSkew {
  readonly aheadMs: number;
  readonly behindMs: number;
}

/**
 * Of a transaction by whose time others tell how old something is: ahead, a permit outlives its lifetime and a heartbeat
 * makes an old view of the ledger look new; behind, both only count for less.
 */
const AGE_SKEW: ClockSkew = { aheadMs: LIMITS.aheadSkewMs, behindMs: LIMITS.clockSkewMs };
/** Of one whose time ends a lease and starts the next: with the usual play all leases could pass in a moment. */
const LEASE_SKEW: ClockSkew = { aheadMs: LIMITS.leaseSkewMs, behindMs: LIMITS.leaseSkewMs };

/** A transaction of the chaincode, whole. */
export interface TransactionRow<
  Name extends `${string}:${string}` = `${string}:${string}`,
  Kind extends 'submit' | 'evaluate' = 'submit' | 'evaluate',
  Argument = unknown,
  Result = unknown,
  Event extends EventName = EventName,
> {
  /** Its contract and its own name, as Fabric puts them together. */
  readonly name: Name;
  /** Whether it is submitted and recorded, or only evaluated by one peer. */
  readonly kind: Kind;
  /** The schema of its one argument, which goes as canonical JSON. */
  readonly argument: SchemaOf<Argument>;
  /** The schema of its answer, where a caller needs more of it than the transaction's ID. */
  readonly result?: SchemaOf<Result>;
  /** The one event that it sets if it changed anything. */
  readonly event?: Event;
  /** How true its time must be, where that is not what is usual (`LIMITS.clockSkewMs` each way). */
  readonly clockSkew?: ClockSkew;
}

const submitted = <Name extends `${string}:${string}`, Argument, Event extends EventName, Result = unknown>(
  name: Name,
  row: Omit<TransactionRow<Name, 'submit', Argument, Result, Event>, 'name' | 'kind'>,
): TransactionRow<Name, 'submit', Argument, Result, Event> => ({ name, kind: 'submit', ...row });

const evaluated = <Name extends `${string}:${string}`, Argument, Result>(
  name: Name,
  row: Pick<TransactionRow<Name, 'evaluate', Argument, Result>, 'argument' | 'result'>,
): TransactionRow<Name, 'evaluate', Argument, Result, never> => ({ name, kind: 'evaluate', ...row });

/**
 * Every transaction, once: the contracts answer what stands here, and whoever calls them is checked against it.
 * To add one: a row here, a function in chaincode/src/domain, and its entry in the contract that `name` begins with.
 */
export const TRANSACTION_ROWS = {
  registerNode: submitted('registry:RegisterNode', {
    argument: RegisterNode,
    result: nodeChange,
    event: EVENTS.nodeRegistered,
  }),
  updateNode: submitted('registry:UpdateNode', {
    argument: UpdateNode,
    result: nodeChange,
    event: EVENTS.nodeUpdated,
  }),
  approveNode: submitted('registry:ApproveNode', {
    argument: NodeVersion,
    event: EVENTS.nodeApproved,
  }),
  rejectNode: submitted('registry:RejectNode', {
    argument: NodeVersion,
    event: EVENTS.nodeRejected,
  }),
  retireNode: submitted('registry:RetireNode', {
    argument: NodeReference,
    event: EVENTS.nodeRetired,
  }),
  publishOffer: submitted('registry:PublishOffer', {
    argument: PublishOffer,
    event: EVENTS.offersChanged,
  }),
  withdrawOffer: submitted('registry:WithdrawOffer', {
    argument: WithdrawOffer,
    event: EVENTS.offersChanged,
  }),
  heartbeat: submitted('registry:Heartbeat', {
    argument: Heartbeat,
    event: EVENTS.heartbeat,
    clockSkew: AGE_SKEW,
  }),
  readNode: evaluated('registry:ReadNode', { argument: NodeReference, result: NodeRecord }),
  listNodes: evaluated('registry:ListNodes', { argument: ListNodes, result: NodePage }),
  readRoster: evaluated('registry:ReadRoster', { argument: ReadRoster, result: Roster }),
  requestStreams: submitted('streams:RequestStreams', {
    argument: RequestStreams,
    result: requested,
    event: EVENTS.streamsRequested,
  }),
  acceptStream: submitted('streams:AcceptStream', {
    argument: AcceptStream,
    event: EVENTS.streamsAccepted,
  }),
  declineStream: submitted('streams:DeclineStream', {
    argument: DeclineStream,
    event: EVENTS.streamsEnded,
  }),
  reassignOrchestrators: submitted('streams:ReassignOrchestrators', {
    argument: ReassignOrchestrators,
    event: EVENTS.orchestratorsReassigned,
    clockSkew: LEASE_SKEW,
  }),
  endStream: submitted('streams:EndStream', {
    argument: EndStream,
    event: EVENTS.streamsEnded,
  }),
  revokeStream: submitted('streams:RevokeStream', {
    argument: RevokeStream,
    event: EVENTS.streamsEnded,
  }),
  readBundle: evaluated('streams:ReadBundle', { argument: BundleReference, result: BundleView }),
  readOpenSlots: evaluated('streams:ReadOpenSlots', {
    argument: ProviderReference,
    result: OpenSlots,
  }),
  recordDealings: submitted('dealings:RecordDealings', {
    argument: RecordDealings,
    event: EVENTS.dealingsRecorded,
    // The record is the first permit of both parties.
    clockSkew: AGE_SKEW,
  }),
  authorizeRelease: submitted('dealings:AuthorizeRelease', {
    argument: AuthorizeRelease,
    event: EVENTS.releaseAuthorized,
    clockSkew: AGE_SKEW,
  }),
  attestDestruction: submitted('dealings:AttestDestruction', {
    argument: AttestDestruction,
    result: AttestedDestruction,
    event: EVENTS.destructionAttested,
  }),
};

type NamesOf<Rows extends Readonly<Record<string, { readonly name: string }>>> = {
  readonly [Word in keyof Rows]: Rows[Word]['name'];
};

/** The full names of all transactions. */
export const TRANSACTIONS = namesOf(TRANSACTION_ROWS);

/** A transaction's full name. */
export type TransactionName = (typeof TRANSACTIONS)[keyof typeof TRANSACTIONS];

type Rows = typeof TRANSACTION_ROWS;

/** Argument, result and event of each transaction, by its full name. */
type TransactionTypes = {
  readonly [Word in keyof Rows as Rows[Word]['name']]: {
    readonly argument: Static<Rows[Word]['argument']>;
    readonly result: Static<NonNullable<Rows[Word]['result']>>;
    readonly event: NonNullable<Rows[Word]['event']>;
  };
};

/** What a transaction takes, by its full name. */
export type TransactionArgument<Name extends TransactionName> = TransactionTypes[Name]['argument'];

/** What a transaction answers, by its full name; `unknown` where no caller needs more than the transaction's ID. */
export type TransactionResult<Name extends TransactionName> = TransactionTypes[Name]['result'];

/** The name of the event that a transaction may set, by its full name; `never` of one that is only evaluated. */
export type TransactionEvent<Name extends TransactionName> = TransactionTypes[Name]['event'];

/** The row of a transaction. */
export function transactionRow(name: TransactionName): TransactionRow {
  const row = Object.values(TRANSACTION_ROWS).find((each) => each.name === name);
  if (row === undefined) throw new RangeError('There is no such transaction');
  return row;
}

/** Where an event stands on the ledger. */
export interface LedgerPosition {
  /** The block. */
  readonly blockNumber: bigint;
  /** The transaction in it, 64 hexadecimal digits. */
  readonly txId: string;
}

/** An event of the chaincode, typed by its name. */
export type LedgerEvent = {
  [Name in EventName]: LedgerPosition & { readonly name: Name; readonly payload: EventPayloads[Name] };
}[EventName];

/**
 * The events that speak of bundles and of nothing else. Each names, in its bytes, every bundle that it speaks of and every
 * node that it gives a part in one; nodes that had a part before know the bundle.
 */
export const BUNDLE_EVENTS: readonly EventName[] = [
  EVENTS.streamsRequested,
  EVENTS.streamsAccepted,
  EVENTS.orchestratorsReassigned,
  EVENTS.dealingsRecorded,
  EVENTS.releaseAuthorized,
  EVENTS.streamsEnded,
  EVENTS.destructionAttested,
];

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
      return [
        ...new Set(
          event.payload.record.attestations.flatMap(({ destructions }) =>
            destructions.map(({ bundleId }) => bundleId),
          ),
        ),
      ];
    default:
      return [];
  }
}

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

function namesOf<Rows extends Readonly<Record<string, { readonly name: string }>>>(
  rows: Rows,
): NamesOf<Rows> {
  // The compiler cannot follow which name stands in which row.
  return Object.fromEntries(Object.entries(rows).map(([word, { name }]) => [word, name])) as NamesOf<Rows>;
}
