import type { SecretBytes } from '@eko/protocol';
import type { StoreOperation } from '@eko/node-kit';

/** One holder's sealed envelope of one dealing. */
export interface VaultedEnvelope {
  readonly id: string;
  readonly bytes: SecretBytes<'share'>;
}

/** Durable storage under data keys of its own, so that what is destroyed here stays unreadable on the disk. */
export interface EnvelopeVault {
  /** Stores all durably, with changes of the node's other records in the same write; resolves only then. */
  put(records: readonly VaultedEnvelope[], alongside: readonly StoreOperation[]): Promise<void>;
  /** The caller disposes of what it gets; what is not there is left out. */
  get(ids: readonly string[]): Promise<readonly VaultedEnvelope[]>;
  /** Destroys for good; unknown names are fine. */
  shred(ids: readonly string[]): Promise<void>;
  /** Names of all that is stored. */
  list(): Promise<readonly string[]>;
}
