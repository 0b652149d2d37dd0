import { SecretBytes } from '@eko/protocol';
import { SHARE_BYTES, type ShareEntry } from '@eko/protocol/crypto';
import type { SlotStore } from '@eko/node-kit';
import type { HeldDealing } from '../core/witness-state';

/** A share with its salt. */
export type SaltedShare = Pick<ShareEntry, 'share' | 'salt'>;

/** A share with its salt, under the name of its place. */
export interface NamedShare extends SaltedShare {
  readonly id: string;
}

/** Where shares lie, each in a slot of its own, so that one can be destroyed alone. */
export type ShareSlots = Pick<SlotStore<'share'>, 'put' | 'get' | 'shred' | 'keepOnly'>;

/** The shares of a witness at rest. Each lies with its salt behind it, under a name that no other envelope's share has. */
export class ShareStore {
  readonly #slots: ShareSlots;

  constructor(slots: ShareSlots) {
    this.#slots = slots;
  }

  /** Stores all durably; resolves only then. Share and salt stay the caller's. */
  async put(shares: readonly NamedShare[]): Promise<void> {
    const joined = shares.map(({ id, ...parts }) => ({ id, bytes: joinShare(parts) }));
    try {
      await this.#slots.put(joined);
    } finally {
      for (const { bytes } of joined) bytes.dispose();
    }
  }

  /**
   * Copies of all these shares, in this order, which the caller disposes of; `undefined` where one of them is not there.
   */
  async get(ids: readonly string[]): Promise<readonly SaltedShare[] | undefined> {
    const kept = await this.#slots.get(ids);
    try {
      const bytesOf = new Map(kept.map(({ id, bytes }) => [id, bytes]));
      // All of them or none: nothing is copied before the last is known to be there.
      const found = ids.flatMap((id) => bytesOf.get(id) ?? []);
      return found.length === ids.length ? found.map(splitShare) : undefined;
    } finally {
      for (const { bytes } of kept) bytes.dispose();
    }
  }

  /** Destroys for good; unknown names are fine. */
  async destroy(ids: readonly string[]): Promise<void> {
    await this.#slots.shred(ids);
  }

  /** Destroys all but these; once, after a start. */
  async keepOnly(ids: Iterable<string>): Promise<void> {
    await this.#slots.keepOnly(ids);
  }
}

/**
 * The name of one share. With the envelope's hash in it nothing can overwrite the shares of another envelope: whatever
 * reached the disk before a crash, what a book says of a dealing is never answered with shares of another.
 */
export function shareName(
  bundleId: string,
  dealing: Pick<HeldDealing, 'dealer' | 'dealingId' | 'epoch' | 'envelopeHash'>,
  index: number,
): string {
  const { epoch, dealer, dealingId, envelopeHash } = dealing;
  return `${bundleId}/${epoch}/${dealer}/${dealingId}/${envelopeHash}/${index}`;
}

/** The names of a dealing's shares. */
export function shareNamesOf(bundleId: string, dealing: HeldDealing): readonly string[] {
  return dealing.shares.map((share) => shareName(bundleId, dealing, share.index));
}

function joinShare({ share, salt }: SaltedShare): SecretBytes<'share'> {
  const bytes = new Uint8Array(share.length + salt.length);
  share.use((part) => {
    bytes.set(part);
  });
  salt.use((part) => {
    bytes.set(part, share.length);
  });
  return new SecretBytes('share', bytes);
}

function splitShare(joined: SecretBytes<'share'>): SaltedShare {
  return joined.use((bytes) => ({
    share: new SecretBytes('share', bytes.slice(0, SHARE_BYTES)),
    salt: new SecretBytes('share salt', bytes.slice(SHARE_BYTES)),
  }));
}
