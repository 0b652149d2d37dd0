import { SecretBytes } from '@eko/protocol';
import { BundleId, Bytes64, DealingContent, NodeId, strictObject } from '@eko/protocol/ledger';
import { BoundedMap, Type, decodeBase64Url, encodeBase64Url, type Static } from '@eko/protocol/encoding';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { RecordStore, type EnvelopeStore, type KeyValueStore, type StoreOperation } from '@eko/node-kit';
import type { NewDealing } from '../core/new-dealing';

/** Where the envelopes lie, each under a data key of its own, so that what is destroyed stays unreadable on the disk. */
export type Envelopes = Pick<EnvelopeStore, 'put' | 'get' | 'shred' | 'list'>;

/** Names one dealing of the outbox. */
export interface OutboxKey {
  readonly bundleId: string;
  readonly dealingId: string;
}

const DEALING_VERSION = 3;
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
});

/** A dealing as it is handed out. */
type KeptDealing = Omit<Static<typeof StoredDealing>, 'sheet'> & { readonly sheet: Uint8Array };

/** While a dealing is new, each of its holders comes for it: so many are not read from the disk every time. */
const RECENT_DEALINGS = 32;

const StoredHolder = strictObject({ holder: NodeId });

/**
 * Sealed envelopes that wait for their holders, in the node's store: a record for each dealing and for each holder that
 * still waits. Nothing in it can be read here. The envelopes lie each under a data key of its own, because what a holder
 * has taken, or what of a stream has ended, must not be found on a dealer's disk for as long as another stream of the
 * bundle lives.
 */
export class Outbox {
  readonly #store: KeyValueStore;
  /** Keeps its records in the same store. */
  readonly #envelopes: Envelopes;
  readonly #dealings: RecordStore<typeof StoredDealing>;
  readonly #waiting: RecordStore<typeof StoredHolder>;
  readonly #recent = new BoundedMap<string, KeptDealing>(RECENT_DEALINGS);
  /** Destroyed with the next write; what comes while one is under way goes together. */
  #released: string[] = [];
  #releasing: Promise<void> | undefined;
  readonly #gather: () => Promise<void>;

  /** @param gather - waited before acknowledged envelopes are destroyed, so that those of more dealings go together */
  constructor(
    store: KeyValueStore,
    envelopes: Envelopes,
    gather: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#store = store;
    this.#envelopes = envelopes;
    this.#gather = gather;
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

  /** Stores a dealing with all of its envelopes durably; resolves only then. */
  async put(bundleId: string, dealt: NewDealing): Promise<void> {
    const { epoch, fence, dealing, deliverySignature, holders, sheet, envelopes } = dealt;
    const key = { bundleId, dealingId: dealing.dealingId };
    const signature = deliverySignature;
    const kept: KeptDealing = { bundleId, epoch, fence, dealing, signature, holders: [...holders], sheet };
    const record = { ...kept, sheet: encodeBase64Url(sheet) };
    const records = envelopes.map((envelope, position) => ({
      id: holderNameOf(key, position),
      bytes: new SecretBytes('share', Uint8Array.from(envelope)),
    }));
    try {
      await this.#envelopes.put(records, [
        this.#dealings.putOperation(nameOf(key), record),
        ...holders.map((holder, position) =>
          this.#waiting.putOperation(holderNameOf(key, position), { holder }),
        ),
      ]);
      this.#recent.set(nameOf(key), kept);
    } finally {
      for (const { bytes } of records) bytes.dispose();
    }
  }

  /** What a holder gets, or `undefined` where its envelope is not here any more. */
  async delivery(key: OutboxKey, holder: string): Promise<EnvelopeDelivery | undefined> {
    const kept = await this.#dealing(nameOf(key));
    const position = kept?.holders.indexOf(holder) ?? -1;
    if (kept === undefined || position < 0) return undefined;
    if ((await this.#waiting.get(holderNameOf(key, position))) === undefined) return undefined;
    const [waiting] = await this.#envelopes.get([holderNameOf(key, position)]);
    if (waiting === undefined) return undefined;
    using bytes = waiting.bytes;
    return { ...kept, envelope: bytes.use((held) => Uint8Array.from(held)) };
  }

  /** Who still has an envelope waiting here. */
  async waiting(key: OutboxKey): Promise<readonly string[]> {
    const waiting = await this.#waiting.records({ prefix: `${nameOf(key)}/` });
    return waiting.map(({ holder }) => holder);
  }

  /** Each envelope that still waits here, of every dealing, with its holder where that can be read: one walk over all. */
  async *allWaiting(): AsyncIterable<{ readonly key: OutboxKey; readonly holder: string | undefined }> {
    for await (const listed of this.#waiting.list())
      yield {
        key: keyOf(listed.id),
        holder: listed.kind === 'record' ? listed.record.holder : undefined,
      };
  }

  /** Destroys the envelopes of these holders for good, and keeps those of the others; whoever has none is fine. */
  async release(key: OutboxKey, holders: readonly string[]): Promise<void> {
    const kept = await this.#dealing(nameOf(key));
    const names = holders.flatMap((holder) => {
      const position = kept?.holders.indexOf(holder) ?? -1;
      return position < 0 ? [] : [holderNameOf(key, position)];
    });
    this.#released.push(...names);
    // Witnesses acknowledge at about the same time: one write of the disk serves them all.
    this.#releasing ??= this.#destroyReleased().finally(() => {
      this.#releasing = undefined;
    });
    await this.#releasing;
  }

  /** Resolves when no acknowledged envelope waits for its destruction; who waited for it has heard of a failure. */
  async settled(): Promise<void> {
    await this.#releasing?.catch(() => undefined);
  }

  async #destroyReleased(): Promise<void> {
    while (this.#released.length > 0) {
      await this.#gather();
      const names = this.#released;
      this.#released = [];
      await this.#envelopes.shred(names);
      // Losing this to a power cut leaves a holder that waits for nothing.
      await this.#store.batch(
        names.map((name) => this.#waiting.deleteOperation(name)),
        { sync: false },
      );
    }
  }

  /** Removes whole dealings; unknown ones are fine. */
  async destroy(bundleId: string, dealingIds: readonly string[]): Promise<void> {
    const names = dealingIds.map((dealingId) => nameOf({ bundleId, dealingId }));
    await this.#envelopes.shred((await Promise.all(names.map((name) => this.#envelopesOf(name)))).flat());
    const operations: StoreOperation[] = [];
    for (const name of names) {
      operations.push(this.#dealings.deleteOperation(name));
      for await (const id of this.#waiting.ids({ prefix: `${name}/` }))
        operations.push(this.#waiting.deleteOperation(id));
    }
    for (const name of names) this.#recent.delete(name);
    // A power cut may bring these back, without their envelopes; the next start removes them again.
    if (operations.length > 0) await this.#store.batch(operations, { sync: false });
  }

  /** The names of a dealing's envelopes; where a crash cut its record off, they are looked for. */
  async #envelopesOf(name: string): Promise<readonly string[]> {
    const kept = await this.#dealing(name);
    if (kept !== undefined) return kept.holders.map((_, position) => holderNameOf(keyOf(name), position));
    return (await this.#envelopes.list()).filter((id) => id.startsWith(`${name}/`));
  }

  async #dealing(name: string): Promise<KeptDealing | undefined> {
    const recent = this.#recent.get(name);
    if (recent !== undefined) return recent;
    const stored = await this.#dealings.get(name);
    return stored === undefined ? undefined : { ...stored, sheet: decodeBase64Url(stored.sheet) };
  }

  /** All dealings stored. */
  async list(): Promise<readonly OutboxKey[]> {
    const names = new Set((await this.#envelopes.list()).map((id) => nameOf(keyOf(id))));
    for await (const id of this.#dealings.ids()) names.add(id);
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
