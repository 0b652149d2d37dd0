/**
 * What every node is made of: configuration, HTTPS with certificates that the ledger pins, stores, logs, health, metrics.
 *
 * @packageDocumentation
 */
// Stores
export type { KeyValueStore, StoreOperation } from './store/key-value-store';
export { openLevelStore } from './store/level-store';
export { RecordStore } from './store/record-store';

// Bundles
export { BundleBook } from './bundles/bundle-book';
export type { BundleWatcher } from './bundles/bundle-book';
export { DueBundles } from './bundles/due-bundles';
export {
  CHECKPOINT_FIELDS,
  StoredBundles,
  decodeCheckpoint,
  encodeCheckpoint,
} from './bundles/stored-bundles';
export type { BundleForm } from './bundles/stored-bundles';

// Process
export { repeat } from './process/clocks';
export type { RunningNode } from './process/run-node';
export type { LogFields, Logger } from './logging/logger';

// HTTP
export { createNodeServer } from './http/node-server';
export { peerRoute } from './http/peer-route';
export type { PeerRoute } from './http/peer-route';

// Shares and envelopes at rest
export type { EnvelopeStore, StoredEnvelope } from './slots/envelope-store';
export { NamedTurns, Turns } from './process/turns';
export { SlotStore } from './slots/slot-store';
export type { SlotRecord } from './slots/slot-store';

// Node
export { NODE_SETTINGS } from './node/node-settings';
export { followLedger } from './node/follow-ledger';
export { SeenBeats } from './node/seen-beats';
export { openShareSlots, openEnvelopeStore } from './node/open-slots';
export { startNode } from './node/start-node';
export type { NodeHost } from './node/start-node';
export { runConfiguredNode } from './node/run-configured-node';
export { openNodeFoundation } from './node/node-foundation';
export type { NodeFoundation } from './node/node-foundation';
export { startOperationsServer } from './operations/operations-server';
export { ledgerReadiness, observeLedgerView } from './operations/ledger-view-health';
export { newRefusalMetrics, newRequestMetrics } from './operations/server-metrics';
export { Counter, Gauge, Histogram, Metrics, newCounter, newGauge } from './operations/metrics';

// Local API
export { createLocalServer, localRoute } from './http/local-server';
export type { LocalCall, LocalRoute } from './http/local-server';
export { BearerTokens } from './http/bearer-tokens';
export type { BodyRoute } from './http/body-route';
export type { FeedEvent, FeedSubscriber } from './http/event-feed';
