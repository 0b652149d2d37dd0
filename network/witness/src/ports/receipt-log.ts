import type { ReleaseReceipt } from '@eko/protocol/rest';

/** A receipt with the witness's signature. */
export interface SignedReceipt {
  readonly receipt: ReleaseReceipt;
  readonly signature: string;
}

/** Append-only, hash-chained log of receipts. */
export interface ReceiptLog {
  /** Chains, signs and stores durably; resolves only then. */
  append(receipt: Omit<ReleaseReceipt, 'sequence' | 'previousHash'>): Promise<SignedReceipt>;
}
