import type { KeyAgreementKey, RecordSigner } from '@eko/protocol';

/** The long-lived keys of a party node. None shows its bytes, except the TLS key that node:tls takes as PEM. */
export interface PartyKeys {
  readonly nodeId: string;
  /** Opens envelopes and releases. */
  readonly kem: KeyAgreementKey;
  /** Signs attestations. */
  readonly sign: RecordSigner;
  readonly tls: { readonly keyPem: string; readonly certPem: string };
}
