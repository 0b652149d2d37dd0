import { SecretBytes } from '@eko/protocol';
import {
  decodeCommitmentSheet,
  deriveCheckValue,
  deriveTreeLeaves,
  encodeCommitmentSheet,
  hashText,
  shareCommitment,
  shareCorrection,
  treeRoot,
  type CheckedDealing,
  type CommitmentSheet,
  type DealingContext,
  type KeyAgreementKey,
  type TreeLeaf,
  type TreeNode,
} from '@eko/protocol/crypto';
import { newX25519Key } from '../../../client-sdk/protocol/src/node/x25519-key';
import { seededBytes } from '../../support/random';

/** A dealing of a few streams with real commitments, for tests of what travels. */
export interface SampleDealing {
  readonly context: DealingContext;
  readonly holders: readonly { readonly nodeId: string; readonly key: KeyAgreementKey }[];
  readonly contributions: readonly SecretBytes<'contribution'>[];
  readonly roots: readonly TreeNode[];
  /** `leaves[h]` holds the leaves of holder `h`, one for each stream. */
  readonly leaves: readonly (readonly TreeLeaf[])[];
  /** `shares[h][s]` is what the leaf of holder `h` and stream `s` has by the sheet. */
  readonly shares: readonly (readonly Uint8Array[])[];
  readonly sheet: CommitmentSheet;
  readonly checked: CheckedDealing;
  readonly sheetBytes: Uint8Array;
  readonly sheetHash: string;
}

export const SAMPLE_CONTEXT: DealingContext = {
  channel: 'trade',
  bundleId: '6f1f2a52-7f6e-4f51-9f5a-0d3c1b8c1a01',
  epoch: 1,
  requestTxId: 'ab'.repeat(32),
  policyHash: hashText(new Uint8Array([1])),
  dealer: 'orchestrator-1',
  dealingId: 'AAAAAAAAAAAAAAAAAAAAAA',
};

const HOLDERS = ['initiator-1', 'provider-1', 'witness-1', 'witness-2', 'witness-3'];

/** Random shares, which are of no contribution: what is looked at is how they travel. */
export function newSampleDealing(streams = 3, context = SAMPLE_CONTEXT): SampleDealing {
  const random = seededBytes(streams);
  const holders = HOLDERS.map((nodeId) => ({ nodeId, key: newX25519Key() }));
  const contributions = Array.from({ length: streams }, () => new SecretBytes('contribution', random(32)));
  const roots = holders.map(() => treeRoot(random(32)));
  const leaves = roots.map((root) => deriveTreeLeaves([root], streams));
  const shares = holders.map(() => contributions.map(() => random(32)));
  const sheetBytes = encodeCommitmentSheet({
    streams: contributions.map((contribution, streamIndex) => ({
      checkValue: deriveCheckValue(contribution, context, streamIndex),
      entries: HOLDERS.map((holder, column) => {
        const leaf = leaves[column]![streamIndex]!;
        return {
          correction: shareCorrection(leaf, shares[column]![streamIndex]!),
          commitment: shareCommitment(context, { holder, column }, leaf),
        };
      }),
    })),
  });
  const sheet = decodeCommitmentSheet(sheetBytes);
  return {
    context,
    holders,
    contributions,
    roots,
    leaves,
    shares,
    sheet,
    checked: { context, holders: HOLDERS, sheet },
    sheetBytes,
    sheetHash: hashText(sheetBytes),
  };
}

/** The bytes of a secret, for comparing. */
export const hexOf = (secret: SecretBytes): string =>
  secret.use((bytes) => Buffer.from(bytes).toString('hex'));
