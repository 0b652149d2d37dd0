import type { OrganisationRole } from '@eko/protocol/ledger';
import type { SignatureVerifier, VrfVerifier } from '@eko/protocol/crypto';

/** What a transaction may do with the ledger. A read never sees the transaction's own writes. */
export interface Ledger {
  /** The value at a key, or `undefined`. */
  get(key: string): Promise<unknown>;
  /** Writes a value at a key; it is there when the transaction has been committed. */
  put(key: string, value: object): Promise<void>;
}

/** What a query may do besides: a range read in a transaction would make it conflict with its neighbours. */
export interface QueryLedger extends Ledger {
  /** The values of at most `limit` keys from `start` up to, and without, `end`, in order of their keys. */
  range(start: string, end: string, limit: number): Promise<readonly unknown[]>;
}

/** Who submitted a transaction. @see docs/protocol.md, "The ledger is the directory" */
export interface Submitter {
  readonly mspId: string;
  /** SHA-256 over MSP ID and public key, base64url. */
  readonly identity: string;
  /** The one that its certificate gives; none where that gives none, or several. It counts only together with `mspId`. */
  readonly role?: OrganisationRole;
  /** What Fabric CA wrote into the certificate, by name. It counts only together with `mspId`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** The facts of one transaction. `nowUnixMs` is the submitter's word, within the bounds of the peers' clocks. */
export interface Call {
  readonly txId: string;
  readonly channel: string;
  readonly nowUnixMs: number;
  readonly submitter: Submitter;
}

/** How proofs are checked: any verifiers with the answers of the protocol's own. */
export interface Verifiers {
  readonly signature: SignatureVerifier;
  readonly vrf: VrfVerifier;
}

/** All that a domain function works with. */
export interface Work<L extends Ledger = Ledger> {
  readonly call: Call;
  readonly ledger: L;
  readonly verify: Verifiers;
}
