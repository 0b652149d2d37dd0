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
