import { EkoError, isEkoError } from '@eko/protocol';
import { BundleView, NodeId, NodeRecord, StreamSelection, strictObject } from '@eko/protocol/ledger';
import { Type } from '@eko/protocol/encoding';
import {
  CHECKPOINT_FIELDS,
  RecordStore,
  decodeCheckpoint,
  encodeCheckpoint,
  type KeyValueStore,
} from '@eko/node-kit';
import type { ClientChange, ClientStore, StoredClient } from '@eko/sdk';
import type { EventHistory } from './event-history';

const version = 1;
const PLACE = 'checkpoint';
/** Digits of a feed event's number, so that keys sort as numbers do. */
const DIGITS = 16;

const StoredPlace = strictObject({ nodeId: NodeId, ...CHECKPOINT_FIELDS });
const StoredBundle = strictObject({ view: BundleView, owed: Type.Optional(StreamSelection) });
const StoredFeedEvent = strictObject({ id: Type.String(), name: Type.String(), data: Type.String() });

/**
 * What a party's client remembers of the ledger and what the feed may have to send again, in the party's key-value
 * store: each save is one batch, so that no part is ahead of another. No key of a stream comes near it.
 */
export class PartyStore implements ClientStore {
  readonly #store: KeyValueStore;
  readonly #history: EventHistory;
  readonly #place: RecordStore<typeof StoredPlace>;
  readonly #bundles: RecordStore<typeof StoredBundle>;
  readonly #nodes: RecordStore<typeof NodeRecord>;
  readonly #feed: RecordStore<typeof StoredFeedEvent>;
  /** Numbers of the first feed event that the store has, and of the one after its last. */
  #feedFrom = 0;
  #feedTo = 0;

  /** @param history - the feed's events, which `load` fills and each `save` reads */
  constructor(store: KeyValueStore, history: EventHistory) {
    this.#store = store;
    this.#history = history;
    this.#place = new RecordStore({ store, prefix: 'ledger/', version, schema: StoredPlace });
    this.#bundles = new RecordStore({ store, prefix: 'bundle/', version, schema: StoredBundle });
    this.#nodes = new RecordStore({ store, prefix: 'node/', version, schema: NodeRecord });
    this.#feed = new RecordStore({ store, prefix: 'feed/', version, schema: StoredFeedEvent });
  }

  /** @throws EkoError `CORRUPT_RECORD` for the first record that does not hold */
  async load(): Promise<StoredClient | undefined> {
    try {
      const place = await this.#place.get(PLACE);
      if (place === undefined) return undefined;
      const { nodeId, ...checkpoint } = place;
      const bundles = await this.#bundles.records();
      const nodes = await this.#nodes.records();
      for await (const listed of this.#feed.list()) {
        if (listed.kind === 'broken') throw listed.error;
        if (this.#feedTo === 0) this.#feedFrom = Number(listed.id);
        this.#feedTo = Number(listed.id) + 1;
        this.#history.restore(listed.record, Number(listed.id));
      }
      return { nodeId, checkpoint: decodeCheckpoint(checkpoint), bundles, nodes };
    } catch (error) {
      throw isEkoError(error, 'CORRUPT_RECORD', 'UNSUPPORTED_VERSION') ? unreadable(error) : error;
    }
  }

  async save({ nodeId, checkpoint, bundles, forget, nodes }: ClientChange): Promise<void> {
    const { first, end } = this.#history;
    // Numbers that the store has and the history does not, and the other way round.
    const gone = range(this.#feedFrom, Math.min(first, this.#feedTo));
    const fresh = this.#history.since(Math.max(first, this.#feedTo));
    await this.#store.batch([
      this.#place.putOperation(PLACE, { nodeId, ...encodeCheckpoint(checkpoint) }),
      ...bundles.map(({ view, owed }) =>
        this.#bundles.putOperation(view.bundle.bundleId, {
          view,
          ...(owed === undefined ? {} : { owed: owed === 'all' ? owed : [...owed] }),
        }),
      ),
      ...forget.map((bundleId) => this.#bundles.deleteOperation(bundleId)),
      ...nodes.map((node) => this.#nodes.putOperation(node.nodeId, node)),
      ...gone.map((number) => this.#feed.deleteOperation(feedId(number))),
      ...fresh.map(({ number, event }) => this.#feed.putOperation(feedId(number), event)),
    ]);
    this.#feedFrom = first;
    this.#feedTo = end;
  }
}

const feedId = (number: number): string => String(number).padStart(DIGITS, '0');

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place);

function unreadable(cause: EkoError): EkoError {
  return new EkoError(
    'CORRUPT_RECORD',
    "What the party remembers of the ledger does not hold: remove the folder `store` in its data directory and start again, then all of it is read from the ledger's first block",
    { details: cause.details, cause },
  );
}
