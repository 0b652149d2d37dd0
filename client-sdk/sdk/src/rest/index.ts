/**
 * The client of a party's REST API: streams, transfers, events and connections of a party that runs beside the
 * application.
 *
 * @packageDocumentation
 */
export { PartyApi } from './party-api';
export { readPartyToken } from './party-access';
export type { PartyAccess } from './party-access';
export type { ServerEvent } from './server-events';
export { openDataConnection } from './data-connection';
export { TransferClient } from './transfer-client';
export type { IncomingTransfer, TransferOptions } from './transfer-client';
export { receiveAll, sendAll } from './transfer';
export type { TransferListener, TransferSource, TransferTarget, Transferred } from './transfer';
export type {
  BundleDocument,
  JsonOperationId,
  NewStreams,
  StreamDocument,
  StreamFilter,
  StreamPage,
  TransferDocument,
  TransferTotals,
} from '@eko/protocol/rest';
