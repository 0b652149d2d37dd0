import { SecretBytes } from '@eko/protocol';
import {
  decodeCommitmentSheet,
  deriveCheckValue,
  encodeCommitmentSheet,
  hashText,
  shareCommitment,
  type CommitmentSheet,
  type DealingContext,
  type KeyAgreementKey,
  type ShareEntry,
} from '@eko/protocol/crypto';
import { newX25519Key } from '../../../client-sdk/protocol/src/node/x25519-key';
import { seededBytes } from '../../support/random';

/** A dealing of a few streams with real commitments, for tests of what travels. */
export interface SampleDealing {
  readonly context: DealingContext;
  readonly holders: readonly { readonly nodeId: string; readonly key: KeyAgreementKey }[];
  readonly contributions: readonly SecretBytes<'contribution'>[];
  /** `entries[h]` holds the shares of holder `h`, one for each stream. */
  readonly entries: readonly (readonly ShareEntry[])[];
  readonly sheet: CommitmentSheet;
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

/** Every holder serves every stream: both parties with part 0, the witnesses with 1 onwards. */
export function newSampleDealing(streams = 3, context = SAMPLE_CONTEXT): SampleDealing {
  const random = seededBytes(streams);
  const holders = HOLDERS.map((nodeId) => ({ nodeId, key: newX25519Key() }));
  const contributions = Array.from({ length: streams }, () => new SecretBytes('contribution', random(32)));
  const entries = holders.map((_, position) =>
    contributions.map((__, streamIndex) => ({
      streamIndex,
      shareIndex: Math.max(0, position - 1),
      share: new SecretBytes('share', random(32)),
      salt: new SecretBytes('share salt', random(32)),
    })),
  );
  const sheetBytes = encodeCommitmentSheet({
    holders: HOLDERS,
    streams: contributions.map((contribution, streamIndex) => ({
      checkValue: deriveCheckValue(contribution, context, streamIndex),
      entries: holders.map(({ nodeId }, holder) => {
        const entry = entries[holder]![streamIndex]!;
        return { holder, shareIndex: entry.shareIndex, commitment: shareCommitment(context, nodeId, entry) };
      }),
    })),
  });
  const sheet = decodeCommitmentSheet(sheetBytes);
  return { context, holders, contributions, entries, sheet, sheetBytes, sheetHash: hashText(sheetBytes) };
}

/** The bytes of a share and its salt, for comparing. */
export function openEntry({ streamIndex, shareIndex, share, salt }: ShareEntry) {
  const hex = (secret: SecretBytes) => secret.use((bytes) => Buffer.from(bytes).toString('hex'));
  return { streamIndex, shareIndex, share: hex(share), salt: hex(salt) };
}
