import { NodeRecord, TransactionId, strictObject } from '@eko/protocol/ledger';
import { type Static, type TSchema, Type } from '@eko/protocol/encoding';
import type { KeyValueStore, StoreOperation } from '../store/key-value-store';
import { RecordStore } from '../store/record-store';
import type { BundleChange, BundleStore, KnownBundle, StoredBook } from './bundle-book';
import type { Checkpoint } from '@eko/sdk';

/** The fields of a checkpoint as it lies in a store, for records that have more. */
export const CHECKPOINT_FIELDS = {
  channel: Type.String(),
  chaincode: Type.String(),
  blockNumber: Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$' }),
  txId: TransactionId,
};

/** A checkpoint as it lies in a store. */
const StoredCheckpoint = strictObject(CHECKPOINT_FIELDS);
type StoredCheckpoint = Static<typeof StoredCheckpoint>;

/** The place of a node in its store: up to where events were dealt with, and from where they are to be read again. */
const StoredPlace = strictObject({ ...CHECKPOINT_FIELDS, since: Type.Optional(StoredCheckpoint) });

/** A checkpoint as it is stored. */
export function encodeCheckpoint(checkpoint: Checkpoint): StoredCheckpoint {
  return { ...checkpoint, blockNumber: checkpoint.blockNumber.toString() };
}

/** The checkpoint that was stored. */
export function decodeCheckpoint(stored: StoredCheckpoint): Checkpoint {
  return { ...stored, blockNumber: BigInt(stored.blockNumber) };
}

const RECORD_VERSION = 2;
const CHECKPOINT = 'checkpoint';

/** How a node's state of a bundle lies in its store. */
export interface BundleForm<State extends KnownBundle, Schema extends TSchema> {
  readonly schema: Schema;
  encode(state: State): Static<Schema>;
  decode(stored: Static<Schema>): State;
}

/** A node's bundles, the nodes that it has seen and its checkpoint in its key-value store, each write one batch. */
export class StoredBundles<State extends KnownBundle, Schema extends TSchema> implements BundleStore<State> {
  readonly #store: KeyValueStore;
  readonly #form: BundleForm<State, Schema>;
  readonly #bundles: RecordStore<Schema>;
  readonly #nodes: RecordStore<typeof NodeRecord>;
  readonly #place: RecordStore<typeof StoredPlace>;

  constructor(store: KeyValueStore, form: BundleForm<State, Schema>) {
    const version = RECORD_VERSION;
    this.#store = store;
    this.#form = form;
    this.#bundles = new RecordStore({ store, prefix: 'bundle/', version, schema: form.schema });
    this.#nodes = new RecordStore({ store, prefix: 'node/', version, schema: NodeRecord });
    this.#place = new RecordStore({ store, prefix: 'ledger/', version, schema: StoredPlace });
  }

  /** @throws EkoError `CORRUPT_RECORD` for the first record that does not hold: what it spoke for would be lost */
  async load(): Promise<StoredBook<State>> {
    const bundles = (await this.#bundles.records()).map((stored) => this.#form.decode(stored));
    const nodes = await this.#nodes.records();
    const place = await this.#place.get(CHECKPOINT);
    if (place === undefined) return { bundles, nodes };
    const { since, ...checkpoint } = place;
    const read = { bundles, nodes, checkpoint: decodeCheckpoint(checkpoint) };
    return since === undefined ? read : { ...read, since: decodeCheckpoint(since) };
  }

  async save(change: BundleChange<State>): Promise<void> {
    const { checkpoint, since } = change;
    const operations: StoreOperation[] = [
      ...change.bundles.map((state) =>
        this.#bundles.putOperation(state.bundle.bundleId, this.#form.encode(state)),
      ),
      ...change.forget.map((bundleId) => this.#bundles.deleteOperation(bundleId)),
      ...change.nodes.map((node) => this.#nodes.putOperation(node.nodeId, node)),
    ];
    if (checkpoint !== undefined)
      operations.push(
        this.#place.putOperation(CHECKPOINT, {
          ...encodeCheckpoint(checkpoint),
          ...(since === undefined ? {} : { since: encodeCheckpoint(since) }),
        }),
      );
    if (operations.length > 0) await this.#store.batch(operations);
  }
}
