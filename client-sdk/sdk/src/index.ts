/**
 * What an application says to EKO: it connects as a party, asks for streams, and opens and ends them.
 *
 * @packageDocumentation
 */
// Words that it shares with everything else of EKO
export { EkoError, SecretBytes, isEkoError } from '@eko/protocol';
export type {
  ErrorCode,
  StreamEnd,
  StreamPolicy,
  StreamReference,
  StreamRequest,
  StreamState,
} from '@eko/protocol';

// The client of a party
export { EkoClient } from './client/eko-client';
export type { ProviderHandler } from './client/eko-client';
export type { EkoClientOptions } from './client/connect-options';
export type { PartyKeyFolder, PartyMeans } from './client/party-means';
export type { ProviderListener } from './client/provider-service';
export type { ClientChange, ClientStore, RememberedBundle, StoredClient } from './client/client-store';
export { EkoStream } from './client/eko-stream';
export { CLIENT_BOUNDS } from './client/client-bounds';
export type { ClientBounds } from './client/client-bounds';
export type { ClientObserver } from './client/client-context';

// Ledger
export type {
  Checkpoint,
  Committed,
  EventOptions,
  Ledger,
  PassedEvent,
  RawLedgerEvent,
} from './ledger/ledger';
export { connectGatewayLedger } from './ledger/gateway-ledger';
export type { GatewayLedgerOptions, LedgerDeadlines } from './ledger/gateway-ledger';
export { readFabricProfile } from './ledger/fabric-profile';
export type { FabricProfile } from './ledger/fabric-profile';

// Streams
export type { StreamStatus } from './bundles/stream-status';
export type { CallLimits } from './pacing/deadline';
export type { SecureStream } from './streams/secure-stream';
