import {
  BundleId,
  Dealing,
  NodeId,
  Type,
  encodeBase64Url,
  strictObject,
  type EnvelopeDelivery,
} from '@eko/protocol';
import { RecordStore, type KeyValueStore, type StoreOperation } from '@eko/node-kit';
import type { NewDealing } from '../core/new-dealing';
import type { Outbox, OutboxKey } from '../ports/outbox';

const RECORD_VERSION = 1;
const POSITION_DIGITS = 5;

const StoredDealing = strictObject({
  bundleId: BundleId,
  epoch: Type.Integer(),
  fence: Type.Integer(),
  dealing: Dealing,
  holders: Type.Array(NodeId),
  sheet: Type.String(),
});

const StoredEnvelope = strictObject({ holder: NodeId, envelope: Type.String() });

/** The outbox in the node's store: one record a dealing, and one for each envelope that still waits. */
export class StoredOutbox implements Outbox {
  readonly #store: KeyValueStore;
  readonly #dealings: RecordStore<typeof StoredDealing>;
  readonly #envelopes: RecordStore<typeof StoredEnvelope>;

  constructor(store: KeyValueStore) {
    const version = RECORD_VERSION;
    this.#store = store;
    this.#dealings = new RecordStore({ store, prefix: 'outbox/', version, schema: StoredDealing });
    this.#envelopes = new RecordStore({ store, prefix: 'envelope/', version, schema: StoredEnvelope });
  }

  async put(bundleId: string, dealt: NewDealing): Promise<void> {
    const { epoch, fence, dealing, holders, sheet, envelopes } = dealt;
    const key = { bundleId, dealingId: dealing.dealingId };
    await this.#store.batch([
      this.#dealings.putOperation(dealingName(key), {
        bundleId,
        epoch,
        fence,
        dealing,
        holders: [...holders],
        sheet: encodeBase64Url(sheet),
      }),
      ...envelopes.map((envelope, position) =>
        this.#envelopes.putOperation(envelopeName(key, position), {
          holder: holders[position] ?? '',
          envelope: encodeBase64Url(envelope),
        }),
      ),
    ]);
  }

  async delivery(key: OutboxKey, holder: string): Promise<EnvelopeDelivery | undefined> {
    const stored = await this.#dealings.get(dealingName(key));
    const position = stored?.holders.indexOf(holder) ?? -1;
    if (stored === undefined || position < 0) return undefined;
    const waiting = await this.#envelopes.get(envelopeName(key, position));
    return waiting === undefined ? undefined : { ...stored, envelope: waiting.envelope };
  }

  async waiting(key: OutboxKey): Promise<readonly string[]> {
    const holders: string[] = [];
    for await (const listed of this.#envelopes.list({ prefix: `${dealingName(key)}/` })) {
      if (listed.kind === 'broken') throw listed.error;
      holders.push(listed.record.holder);
    }
    return holders;
  }

  async release(key: OutboxKey, holder: string): Promise<void> {
    const stored = await this.#dealings.get(dealingName(key));
    const position = stored?.holders.indexOf(holder) ?? -1;
    if (position < 0) return;
    // Losing this to a power cut costs one more delivery, which the holder acknowledges again.
    await this.#store.batch([this.#envelopes.deleteOperation(envelopeName(key, position))], { sync: false });
  }

  async destroy(bundleId: string, dealingIds: readonly string[]): Promise<void> {
    const operations: StoreOperation[] = [];
    for (const dealingId of dealingIds) {
      const name = dealingName({ bundleId, dealingId });
      operations.push(this.#dealings.deleteOperation(name));
      for await (const { id } of this.#envelopes.list({ prefix: `${name}/` }))
        operations.push(this.#envelopes.deleteOperation(id));
    }
    if (operations.length > 0) await this.#store.batch(operations);
  }

  async list(): Promise<readonly OutboxKey[]> {
    const keys: OutboxKey[] = [];
    for await (const { id } of this.#dealings.list()) keys.push(keyOf(id));
    return keys;
  }
}

function dealingName({ bundleId, dealingId }: OutboxKey): string {
  return `${bundleId}/${dealingId}`;
}

function envelopeName(key: OutboxKey, position: number): string {
  return `${dealingName(key)}/${position.toString().padStart(POSITION_DIGITS, '0')}`;
}

function keyOf(name: string): OutboxKey {
  const [bundleId = '', dealingId = ''] = name.split('/');
  return { bundleId, dealingId };
}
