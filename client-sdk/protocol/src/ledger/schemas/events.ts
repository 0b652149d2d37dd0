import { Type, type Static } from '@sinclair/typebox';
import { EVENTS } from '../../names';
import { AttestationRecord, DealingsRecord, PermitRecord } from './dealings';
import { NodeRecord } from './nodes';
import { HeartbeatRecord } from './receipt-head';
import { strictObject } from './scalars';
import { AcceptanceRecord, AssignmentRecord, BundleRecord, BundleTerms, EndRecord } from './streams';

const nodeChange = strictObject({ node: NodeRecord });

/** The payload of every event, by name. */
export const EVENT_PAYLOADS = {
  [EVENTS.nodeRegistered]: nodeChange,
  [EVENTS.nodeUpdated]: nodeChange,
  [EVENTS.nodeApproved]: nodeChange,
  [EVENTS.nodeRejected]: nodeChange,
  [EVENTS.nodeRetired]: nodeChange,
  [EVENTS.offersChanged]: nodeChange,
  [EVENTS.heartbeat]: HeartbeatRecord,
  /** With an assignment where a standing offer consents by the same transaction. */
  [EVENTS.streamsRequested]: strictObject({
    bundle: BundleRecord,
    assignment: Type.Optional(AssignmentRecord),
  }),
  [EVENTS.streamsAccepted]: strictObject({
    acceptance: AcceptanceRecord,
    assignment: AssignmentRecord,
    terms: BundleTerms,
  }),
  [EVENTS.orchestratorsReassigned]: strictObject({ assignment: AssignmentRecord }),
  [EVENTS.dealingsRecorded]: strictObject({ record: DealingsRecord }),
  [EVENTS.releaseAuthorized]: strictObject({ permit: PermitRecord }),
  [EVENTS.streamsEnded]: strictObject({ ends: Type.Array(EndRecord, { minItems: 1 }) }),
  [EVENTS.destructionAttested]: strictObject({ attestation: AttestationRecord }),
} as const;

type Payloads = { [Name in keyof typeof EVENT_PAYLOADS]: Static<(typeof EVENT_PAYLOADS)[Name]> };

/** Where an event stands on the ledger. */
export interface LedgerPosition {
  /** The block. */
  readonly blockNumber: bigint;
  /** The transaction in it, 64 hexadecimal digits. */
  readonly txId: string;
}

/** An event of the chaincode, typed by its name. */
export type LedgerEvent = {
  [Name in keyof Payloads]: LedgerPosition & { readonly name: Name; readonly payload: Payloads[Name] };
}[keyof Payloads];
