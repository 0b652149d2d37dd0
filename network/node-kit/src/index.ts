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

// Keys
export { NODE_KEY_FILES, initNodeKeys, loadNodeKeys } from './keys/node-keys';
export type { NodeKeyOwner, NodeKeys } from './keys/node-keys';
export { newTlsIdentity } from './keys/tls-identity';
export type { TlsIdentity } from './keys/tls-identity';
