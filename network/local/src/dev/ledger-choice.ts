/** Which ledger a development network runs on. */
export type LedgerChoice =
  | { readonly kind: 'embedded' }
  /** A native Fabric network, by the directory of its state. */
  | { readonly kind: 'fabric'; readonly directory: string };
