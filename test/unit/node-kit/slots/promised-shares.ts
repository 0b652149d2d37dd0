import { SecretBytes } from '@eko/protocol';

/** What stores shares and destroys them. */
interface ShareKeeping {
  put(records: readonly { readonly id: string; readonly bytes: SecretBytes<'share'> }[]): Promise<void>;
  shred(ids: readonly string[]): Promise<void>;
}

/** A share whose bytes all are the same. */
export const filledShare = (id: string, fill: number, length = 64) => ({
  id,
  bytes: new SecretBytes('share', new Uint8Array(length).fill(fill)),
});

/**
 * What a store has promised: the fill byte of what must be there, `undefined` of what must be gone; both of a change that
 * was under way when the machine stopped.
 */
export class PromisedShares {
  readonly #allowed = new Map<string, ReadonlySet<number | undefined>>();

  put(store: ShareKeeping, fill: number, ...ids: readonly string[]): Promise<void> {
    return this.#change(ids, fill, () => store.put(ids.map((id) => filledShare(id, fill))));
  }

  shred(store: ShareKeeping, ...ids: readonly string[]): Promise<void> {
    return this.#change(ids, undefined, () => store.shred(ids));
  }

  /** The ids of what must be there. */
  get kept(): readonly string[] {
    return [...this.#allowed].filter(([, allowed]) => !allowed.has(undefined)).map(([id]) => id);
  }

  /** Every id, with what may be found of it. */
  entries(): Iterable<readonly [string, ReadonlySet<number | undefined>]> {
    return this.#allowed;
  }

  async #change(ids: readonly string[], after: number | undefined, act: () => Promise<void>): Promise<void> {
    for (const id of ids) this.#allowed.set(id, new Set([...(this.#allowed.get(id) ?? [undefined]), after]));
    await act();
    for (const id of ids) this.#allowed.set(id, new Set([after]));
  }
}
