import { type RequestStreams } from '@eko/protocol';
import {
  BundleView,
  EVENT_PAYLOADS,
  EVENTS,
  NodePage,
  NodeRecord,
  OpenSlots,
  Roster,
  TRANSACTIONS,
  type AcceptStream,
  type AssignmentRecord,
  type AttestDestruction,
  type AuthorizeRelease,
  type BundleRecord,
  type BundleReference,
  type DeclineStream,
  type EndStream,
  type ListNodes,
  type Heartbeat,
  type NodeReference,
  type NodeVersion,
  type ProviderReference,
  type PublishOffer,
  type ReadRoster,
  type ReassignOrchestrators,
  type RecordDealings,
  type RegisterNode,
  type RevokeStream,
  type TransactionName,
  type UpdateNode,
  type WithdrawOffer,
} from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';

/** Argument and result of each transaction. A result that no caller needs beyond its transaction ID stays `unknown`. */
export interface TransactionTypes {
  readonly [TRANSACTIONS.registerNode]: { argument: RegisterNode; result: { node: NodeRecord } };
  readonly [TRANSACTIONS.updateNode]: { argument: UpdateNode; result: { node: NodeRecord } };
  readonly [TRANSACTIONS.approveNode]: { argument: NodeVersion; result: unknown };
  readonly [TRANSACTIONS.rejectNode]: { argument: NodeVersion; result: unknown };
  readonly [TRANSACTIONS.retireNode]: { argument: NodeReference; result: unknown };
  readonly [TRANSACTIONS.publishOffer]: { argument: PublishOffer; result: unknown };
  readonly [TRANSACTIONS.withdrawOffer]: { argument: WithdrawOffer; result: unknown };
  readonly [TRANSACTIONS.heartbeat]: { argument: Heartbeat; result: unknown };
  readonly [TRANSACTIONS.readNode]: { argument: NodeReference; result: NodeRecord };
  readonly [TRANSACTIONS.listNodes]: { argument: ListNodes; result: NodePage };
  readonly [TRANSACTIONS.readRoster]: { argument: ReadRoster; result: Roster };
  readonly [TRANSACTIONS.requestStreams]: {
    argument: RequestStreams;
    /** With an assignment where a standing offer consented. */
    result: { bundle: BundleRecord; assignment?: AssignmentRecord };
  };
  readonly [TRANSACTIONS.acceptStream]: { argument: AcceptStream; result: unknown };
  readonly [TRANSACTIONS.declineStream]: { argument: DeclineStream; result: unknown };
  readonly [TRANSACTIONS.reassignOrchestrators]: { argument: ReassignOrchestrators; result: unknown };
  readonly [TRANSACTIONS.endStream]: { argument: EndStream; result: unknown };
  readonly [TRANSACTIONS.revokeStream]: { argument: RevokeStream; result: unknown };
  readonly [TRANSACTIONS.readBundle]: { argument: BundleReference; result: BundleView };
  readonly [TRANSACTIONS.readOpenSlots]: { argument: ProviderReference; result: OpenSlots };
  readonly [TRANSACTIONS.recordDealings]: { argument: RecordDealings; result: unknown };
  readonly [TRANSACTIONS.authorizeRelease]: { argument: AuthorizeRelease; result: unknown };
  readonly [TRANSACTIONS.attestDestruction]: { argument: AttestDestruction; result: unknown };
}

type ResultParsers = {
  readonly [Name in TransactionName]?: (value: unknown) => TransactionTypes[Name]['result'];
};

const RESULT_PARSERS: ResultParsers = {
  [TRANSACTIONS.registerNode]: (value) =>
    parseWith(EVENT_PAYLOADS[EVENTS.nodeRegistered], value, 'Answer of RegisterNode', 'CORRUPT_RECORD'),
  [TRANSACTIONS.updateNode]: (value) =>
    parseWith(EVENT_PAYLOADS[EVENTS.nodeUpdated], value, 'Answer of UpdateNode', 'CORRUPT_RECORD'),
  [TRANSACTIONS.readNode]: (value) => parseWith(NodeRecord, value, 'Answer of ReadNode', 'CORRUPT_RECORD'),
  [TRANSACTIONS.listNodes]: (value) => parseWith(NodePage, value, 'Answer of ListNodes', 'CORRUPT_RECORD'),
  [TRANSACTIONS.readRoster]: (value) => parseWith(Roster, value, 'Answer of ReadRoster', 'CORRUPT_RECORD'),
  [TRANSACTIONS.requestStreams]: (value) =>
    parseWith(EVENT_PAYLOADS[EVENTS.streamsRequested], value, 'Answer of RequestStreams', 'CORRUPT_RECORD'),
  [TRANSACTIONS.readOpenSlots]: (value) =>
    parseWith(OpenSlots, value, 'Answer of ReadOpenSlots', 'CORRUPT_RECORD'),
  [TRANSACTIONS.readBundle]: (value) =>
    parseWith(BundleView, value, 'Answer of ReadBundle', 'CORRUPT_RECORD'),
};

/**
 * Checks what a transaction answered.
 *
 * @throws EkoError `CORRUPT_RECORD` naming the field that does not fit
 */
export function parseTransactionResult<Name extends TransactionName>(
  name: Name,
  value: unknown,
): TransactionTypes[Name]['result'] {
  const parse: ResultParsers[Name] = RESULT_PARSERS[name];
  return parse === undefined ? value : parse(value);
}
