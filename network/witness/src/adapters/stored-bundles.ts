import {
  AssignmentRecord,
  BundleRecord,
  DealingsRecord,
  Type,
  strictObject,
  type Static,
} from '@eko/protocol';
import { RecordStore, type KeyValueStore, type StoreOperation } from '@eko/node-kit';
import type { WitnessedBundle } from '../core/witnessed-bundle';
import type { WitnessCheckpoint, WitnessStore } from '../ports/witness-store';

const RECORD_VERSION = 1;

const Streams = Type.Union([Type.Literal('all'), Type.Array(Type.Integer())]);

const StoredBundle = strictObject({
  bundle: BundleRecord,
  assignment: AssignmentRecord,
  held: Type.Array(
    strictObject({
      dealer: Type.String(),
      dealingId: Type.String(),
      epoch: Type.Integer(),
      fence: Type.Integer(),
      envelopeHash: Type.String(),
      sheetHash: Type.String(),
      shares: Type.Array(strictObject({ index: Type.Integer(), shareIndex: Type.Integer() })),
      storedAtUnixMs: Type.Integer(),
    }),
  ),
  record: Type.Optional(DealingsRecord),
  ended: Streams,
  endedOnLedger: Streams,
  unattested: Streams,
});

const StoredCheckpoint = strictObject({
  channel: Type.String(),
  chaincode: Type.String(),
  blockNumber: Type.String(),
  txId: Type.String(),
});

const CHECKPOINT = 'checkpoint';

/** The witness's bundles and checkpoint in the node's store; permits are left out on purpose. */
export class StoredBundles implements WitnessStore {
  readonly #store: KeyValueStore;
  readonly #bundles: RecordStore<typeof StoredBundle>;
  readonly #place: RecordStore<typeof StoredCheckpoint>;

  constructor(store: KeyValueStore) {
    this.#store = store;
    this.#bundles = new RecordStore({
      store,
      prefix: 'bundle/',
      version: RECORD_VERSION,
      schema: StoredBundle,
    });
    this.#place = new RecordStore({
      store,
      prefix: 'ledger/',
      version: RECORD_VERSION,
      schema: StoredCheckpoint,
    });
  }

  /** @throws EkoError `CORRUPT_RECORD` for the first record that does not hold: shares without their bundle are lost */
  async load(): Promise<{ bundles: readonly WitnessedBundle[]; checkpoint?: WitnessCheckpoint }> {
    const bundles: WitnessedBundle[] = [];
    for await (const listed of this.#bundles.list()) {
      if (listed.kind === 'broken') throw listed.error;
      bundles.push(withoutPermits(listed.record));
    }
    const checkpoint = await this.#place.get(CHECKPOINT);
    return { bundles, ...(checkpoint === undefined ? {} : { checkpoint }) };
  }

  async save(change: Parameters<WitnessStore['save']>[0]): Promise<void> {
    const operations: StoreOperation[] = [
      ...change.bundles.map((state) => this.#bundles.putOperation(state.bundle.bundleId, toStored(state))),
      ...change.forget.map((bundleId) => this.#bundles.deleteOperation(bundleId)),
    ];
    if (change.checkpoint !== undefined)
      operations.push(this.#place.putOperation(CHECKPOINT, change.checkpoint));
    if (operations.length === 0) return;
    await this.#store.batch(operations);
  }
}

function withoutPermits(stored: Static<typeof StoredBundle>): WitnessedBundle {
  return { ...stored, permits: [] };
}

function toStored(state: WitnessedBundle): Static<typeof StoredBundle> {
  const { bundle, assignment, held, record, ended, endedOnLedger, unattested } = state;
  const streams = (selection: 'all' | readonly number[]): 'all' | number[] =>
    selection === 'all' ? 'all' : [...selection];
  return {
    bundle,
    assignment,
    held: held.map((dealing) => ({ ...dealing, shares: [...dealing.shares] })),
    ...(record === undefined ? {} : { record }),
    ended: streams(ended),
    endedOnLedger: streams(endedOnLedger),
    unattested: streams(unattested),
  };
}
