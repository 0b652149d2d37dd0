import type { SecretBytes } from '@eko/protocol';

/** A share with its salt, 64 bytes, under the name of its place. */
export interface KeptShare {
  readonly id: string;
  readonly bytes: SecretBytes<'share'>;
}

/** Sealed share storage; every share in a place of its own, so that one can be destroyed alone. */
export interface ShareKeeper {
  /** Stores all durably; resolves only then. */
  put(shares: readonly KeptShare[]): Promise<void>;
  /** The caller disposes of what it gets. */
  get(ids: readonly string[]): Promise<readonly KeptShare[]>;
  /** Destroys; unknown names are fine. */
  shred(ids: readonly string[]): Promise<void>;
  /** Destroys all but these; once, after a start. */
  keepOnly(ids: Iterable<string>): Promise<void>;
}
