/**
 * The client of a party's REST API: streams, transfers, events and connections of a party that runs beside the
 * application.
 *
 * @packageDocumentation
 */
export { PartyApi, silentError } from './party-api';
export type { NewStreams, PartyAccess, StreamFilter } from './party-api';
export { readPartyToken } from './token-file';
export type { BundleFacts, StreamFacts, StreamList } from './stream-facts';
export type { TransferFacts, TransferTotals } from './transfer-facts';
export type { ServerEvent } from './server-events';
export { openDataConnection } from './data-connection';
export { TransferClient } from './transfer-client';
export type { IncomingTransfer, TransferOptions } from './transfer-client';
export { receiveAll, sendAll } from './transfer';
export type { TransferListener, TransferSource, TransferTarget, Transferred } from './transfer';
