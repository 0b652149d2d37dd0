import { uint32Bytes } from '../encoding/bytes';
import { LABELS, PROTOCOL_VERSION } from '../crypto/key-labels';
import { labelledHash } from '../crypto/labelled-hash';

/** Which dealing: everything that its shares, commitments and envelopes are bound to, as the records hold it. */
export interface DealingContext {
  readonly channel: string;
  readonly bundleId: string;
  readonly epoch: number;
  readonly requestTxId: string;
  /** Base64url. */
  readonly policyHash: string;
  /** Node ID of the orchestrator that deals. */
  readonly dealer: string;
  /** Base64url: one attempt of the dealer. */
  readonly dealingId: string;
}

/** A dealing has one hash and hundreds of commitments that need it. */
const hashes = new WeakMap<DealingContext, Uint8Array>();

/** SHA-256 over every field: 32 bytes that stand for the dealing. */
export function dealingContextHash(context: DealingContext): Uint8Array {
  let hash = hashes.get(context);
  if (hash === undefined) {
    hash = labelledHash(
      LABELS.dealingContext,
      uint32Bytes(PROTOCOL_VERSION),
      context.channel,
      context.bundleId,
      uint32Bytes(context.epoch),
      context.requestTxId,
      context.policyHash,
      context.dealer,
      context.dealingId,
    );
    hashes.set(context, hash);
  }
  return hash;
}
