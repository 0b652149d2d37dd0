import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../../limits';
import { ReceiptHead } from './receipt-head';
import {
  BundleId,
  Bytes64,
  Epoch,
  NodeId,
  StreamSelection,
  TransactionId,
  UnixMs,
  strictObject,
} from './scalars';

/** One holder's word that what it held of these streams is gone. */
export const Destruction = strictObject({ bundleId: BundleId, epoch: Epoch, streams: StreamSelection });
export type Destruction = Static<typeof Destruction>;

/** What a holder signs when it attests. */
export interface DestructionStatement {
  readonly channel: string;
  readonly nodeId: string;
  readonly destructions: readonly Destruction[];
  readonly receipts?: ReceiptHead;
}

/** A holder's signed statement of what it destroyed. Whoever has it may submit it, together with those of others. */
export const Attestation = strictObject({
  nodeId: NodeId,
  destructions: Type.Array(Destruction, { minItems: 1, maxItems: LIMITS.destructionsPerAttestation }),
  /** Of a witness, and of nobody else. */
  receipts: Type.Optional(ReceiptHead),
  /** Ed25519 with the node's `sign` key over the `DestructionStatement`. */
  signature: Bytes64,
});
export type Attestation = Static<typeof Attestation>;

/** Argument of `AttestDestruction`: attestations of any nodes, `LIMITS.destructionsPerTransaction` in all. */
export const AttestDestruction = strictObject({
  attestations: Type.Array(Attestation, { minItems: 1, maxItems: LIMITS.attestationsPerTransaction }),
});
export type AttestDestruction = Static<typeof AttestDestruction>;

/** Answer of `AttestDestruction`: the attestations that it left out, each with the code of why. */
export const AttestedDestruction = strictObject({
  skipped: Type.Array(strictObject({ nodeId: NodeId, code: Type.String({ maxLength: 64 }) })),
});
export type AttestedDestruction = Static<typeof AttestedDestruction>;

/** The attestations that one transaction brought and that hold; written once. */
export const AttestationRecord = strictObject({
  attestations: Type.Array(Attestation, { minItems: 1 }),
  /** The node that submitted them. */
  by: NodeId,
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type AttestationRecord = Static<typeof AttestationRecord>;

/** What a node attests in a record, whoever submitted it. */
export function destructionsBy(
  { attestations }: Pick<AttestationRecord, 'attestations'>,
  nodeId: string,
): readonly Destruction[] {
  return attestations.flatMap((attestation) =>
    attestation.nodeId === nodeId ? attestation.destructions : [],
  );
}
