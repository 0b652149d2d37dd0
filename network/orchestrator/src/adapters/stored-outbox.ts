import {
  BundleId,
  Bytes64,
  DealingContent,
  NodeId,
  SecretBytes,
  Type,
  concatBytes,
  encodeBase64Url,
  strictObject,
  type EnvelopeDelivery,
} from '@eko/protocol';
import { RecordStore, type KeyValueStore, type StoreOperation } from '@eko/node-kit';
import type { NewDealing } from '../core/new-dealing';
import type { EnvelopeVault } from '../ports/envelope-vault';
import type { Outbox, OutboxKey } from '../ports/outbox';

const DEALING_VERSION = 2;
const HOLDER_VERSION = 1;
const POSITION_DIGITS = 5;

const StoredDealing = strictObject({
  bundleId: BundleId,
  epoch: Type.Integer(),
  fence: Type.Integer(),
  dealing: DealingContent,
  signature: Bytes64,
  holders: Type.Array(NodeId),
  sheet: Type.String(),
  /** Of the envelopes, in the vault's record of them. */
  sizesBytes: Type.Array(Type.Integer()),
});

const StoredHolder = strictObject({ holder: NodeId });

/**
 * The outbox in the node's store: a record for each dealing and for each holder that still waits. The envelopes lie in a
 * vault, because what a dealer attests as destroyed must not be found on its disk.
 */
export class StoredOutbox implements Outbox {
  readonly #store: KeyValueStore;
  /** Keeps its records in the same store. */
  readonly #vault: EnvelopeVault;
  readonly #dealings: RecordStore<typeof StoredDealing>;
  readonly #waiting: RecordStore<typeof StoredHolder>;

  constructor(store: KeyValueStore, vault: EnvelopeVault) {
    this.#store = store;
    this.#vault = vault;
    this.#dealings = new RecordStore({
      store,
      prefix: 'outbox/',
      version: DEALING_VERSION,
      schema: StoredDealing,
    });
    this.#waiting = new RecordStore({
      store,
      prefix: 'waiting/',
      version: HOLDER_VERSION,
      schema: StoredHolder,
    });
  }

  async put(bundleId: string, dealt: NewDealing): Promise<void> {
    const { epoch, fence, dealing, deliverySignature, holders, sheet, envelopes } = dealt;
    const key = { bundleId, dealingId: dealing.dealingId };
    const record = {
      bundleId,
      epoch,
      fence,
      dealing,
      signature: deliverySignature,
      holders: [...holders],
      sheet: encodeBase64Url(sheet),
      sizesBytes: envelopes.map((envelope) => envelope.length),
    };
    using bytes = new SecretBytes('share', concatBytes(...envelopes));
    await this.#vault.put(
      [{ id: nameOf(key), bytes }],
      [
        this.#dealings.putOperation(nameOf(key), record),
        ...holders.map((holder, position) =>
          this.#waiting.putOperation(holderNameOf(key, position), { holder }),
        ),
      ],
    );
  }

  async delivery(key: OutboxKey, holder: string): Promise<EnvelopeDelivery | undefined> {
    const stored = await this.#dealings.get(nameOf(key));
    const position = stored?.holders.indexOf(holder) ?? -1;
    if (stored === undefined || position < 0) return undefined;
    if ((await this.#waiting.get(holderNameOf(key, position))) === undefined) return undefined;
    const [vaulted] = await this.#vault.get([nameOf(key)]);
    if (vaulted === undefined) return undefined;
    const { sizesBytes, ...delivery } = stored;
    const start = sizesBytes.slice(0, position).reduce((sum, size) => sum + size, 0);
    using bytes = vaulted.bytes;
    const envelope = bytes.use((all) =>
      encodeBase64Url(all.subarray(start, start + (sizesBytes[position] ?? 0))),
    );
    return { ...delivery, envelope };
  }

  async waiting(key: OutboxKey): Promise<readonly string[]> {
    const waiting = await this.#waiting.records({ prefix: `${nameOf(key)}/` });
    return waiting.map(({ holder }) => holder);
  }

  async release(key: OutboxKey, holder: string): Promise<void> {
    const stored = await this.#dealings.get(nameOf(key));
    const position = stored?.holders.indexOf(holder) ?? -1;
    if (position < 0) return;
    // Losing this to a power cut costs one more delivery, which the holder acknowledges again.
    await this.#store.batch([this.#waiting.deleteOperation(holderNameOf(key, position))], { sync: false });
  }

  async destroy(bundleId: string, dealingIds: readonly string[]): Promise<void> {
    const names = dealingIds.map((dealingId) => nameOf({ bundleId, dealingId }));
    await this.#vault.shred(names);
    const operations: StoreOperation[] = [];
    for (const name of names) {
      operations.push(this.#dealings.deleteOperation(name));
      for await (const { id } of this.#waiting.list({ prefix: `${name}/` }))
        operations.push(this.#waiting.deleteOperation(id));
    }
    // A power cut may bring these back, without their envelopes; the next start removes them again.
    if (operations.length > 0) await this.#store.batch(operations, { sync: false });
  }

  async list(): Promise<readonly OutboxKey[]> {
    const names = new Set(await this.#vault.list());
    for await (const { id } of this.#dealings.list()) names.add(id);
    return [...names].map(keyOf);
  }
}

function nameOf({ bundleId, dealingId }: OutboxKey): string {
  return `${bundleId}/${dealingId}`;
}

function holderNameOf(key: OutboxKey, position: number): string {
  return `${nameOf(key)}/${position.toString().padStart(POSITION_DIGITS, '0')}`;
}

function keyOf(name: string): OutboxKey {
  const [bundleId = '', dealingId = ''] = name.split('/');
  return { bundleId, dealingId };
}
