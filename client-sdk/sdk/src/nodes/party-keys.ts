import type { KeyAgreementKey, ProveVrf, RecordSigner } from '@eko/protocol/crypto';

/** The long-lived keys of a party node. None shows its bytes. */
export interface PartyKeys {
  readonly nodeId: string;
  /** Opens envelopes and releases. */
  readonly kem: KeyAgreementKey;
  /** Signs attestations. */
  readonly sign: RecordSigner;
  /** Proves consent. */
  readonly prove: ProveVrf;
}
