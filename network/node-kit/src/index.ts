/**
 * What every node is made of: configuration, HTTPS with certificates that the ledger pins, stores, logs, health, metrics.
 *
 * @packageDocumentation
 */
// Stores
export { checkStoreKey } from './store/key-value-store';
export type {
  BatchOptions,
  KeyValueStore,
  StoreEntry,
  StoreOperation,
  StoreRange,
} from './store/key-value-store';
export { openLevelStore } from './store/level-store';
export type { LevelStoreOptions } from './store/level-store';
export { RecordStore } from './store/record-store';
export type { ListedRecord, RecordStoreOptions } from './store/record-store';

// Bundles
export { BundleBook } from './bundles/bundle-book';
export type { BundleChange, BundleStore, KnownBundle, StoredBook } from './bundles/bundle-store';
export { CHECKPOINT_FIELDS, decodeCheckpoint, encodeCheckpoint } from './bundles/stored-checkpoint';
export { StoredBundles } from './bundles/stored-bundles';
export type { BundleForm } from './bundles/stored-bundles';
export { attestDestructions } from './bundles/attest-destructions';
export type { AttestDeps } from './bundles/attest-destructions';

// Process
export { loadConfiguration } from './process/configuration';
export type { ConfigurationSources, LoadedConfiguration, SettingOrigin } from './process/configuration';
export { nearestName } from './process/nearest-name';
export { repeat, systemClocks } from './process/clocks';
export type { Clocks } from './process/clocks';
export { newLogger } from './logging/pino-logger';
export { pacedLogger } from './logging/paced-logger';
export type { LogLevel } from './logging/pino-logger';
export { runNode } from './process/run-node';
export type { NodeProcess, RunningNode } from './process/run-node';
export type { LogFields, Logger } from './logging/logger';

// HTTP
export { createNodeServer } from './http/node-server';
export type { NodeServerOptions } from './http/node-server';
export { peerRoute } from './http/peer-route';
export type { Peer, PeerDirectory, PeerRoute, PeerRouteOptions } from './http/peer-route';
export { DEFAULT_SERVER_LIMITS } from './http/server-limits';
export type { OnRefused, Refusal } from './http/refusal';
export type { ServerLimits } from './http/server-limits';
export type { ListenAddress, NodeServer, RequestFacts } from './http/strict-server';

// Shares and envelopes at rest
export { EnvelopeStore } from './slots/envelope-store';
export type { EnvelopeStoreOptions, StoredEnvelope } from './slots/envelope-store';
export { NamedTurns, Turns } from './process/turns';
export { openSlotFile } from './slots/slot-file';
export { SlotStore } from './slots/slot-store';
export type { SlotRecord, SlotStoreOptions } from './slots/slot-store';
export type { SlotFile } from './slots/slot-file';

// Node
export { NODE_SETTINGS } from './node/node-settings';
export type { NodeSettings } from './node/node-settings';
export { followLedger } from './node/follow-ledger';
export type { FollowedLedger } from './node/follow-ledger';
export { SeenBeats } from './node/seen-beats';
export type { SeenBeat } from './node/seen-beats';
export { openShareSlots, openEnvelopeStore } from './node/open-slots';
export { startNode } from './node/start-node';
export type { NodeHost, StartingNode } from './node/start-node';
export { runConfiguredNode } from './node/run-configured-node';
export { openNodeFoundation } from './node/node-foundation';
export type { NodeFoundation } from './node/node-foundation';
export { startOperationsServer } from './operations/operations-server';
export { ledgerReadiness, observeLedgerView } from './operations/ledger-view-health';
export { newCounter } from './operations/new-counter';
export { newGauge } from './operations/new-gauge';
export { newRefusalMetrics } from './operations/refusal-metrics';
export type { NodePort } from './operations/refusal-metrics';
export { newRequestMetrics } from './operations/request-metrics';
export type { OperationsServer, Readiness } from './operations/operations-server';
export { Counter, Gauge, Histogram, Metrics } from './operations/metric-classes';
export { parseNodeArguments } from './process/node-arguments';
export type { NodeArguments } from './process/node-arguments';

// Local API
export { createLocalServer, localRoute } from './http/local-server';
export type { LocalAnswer, LocalCall, LocalRoute, LocalServerOptions } from './http/local-server';
export { BearerTokens } from './http/bearer-tokens';
export { cutConnection } from './http/cut-connection';
export type { BodyRoute } from './http/body-route';
export type { FeedEvent, FeedSubscriber } from './http/event-feed';
