import { SecretBytes, LIMITS } from '@eko/protocol';
import { bundleTermsOf } from '@eko/protocol/ledger';
import {
  combineContribution,
  decodeCommitmentSheet,
  deriveTreeLeaves,
  openRootEnvelope,
  shareBySheet,
  shareIndexAtColumn,
  sharingStructureOf,
  verifyContribution,
  verifyLeafAgainstSheet,
  type CheckedDealing,
  type KeyAgreementKey,
  type Share,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import { newDealing, type NewDealing } from '../../../../network/orchestrator/src/core/new-dealing';
import { newSampleBundle, type SampleBundle } from '../../../support/data/sample-bundle';

const CHANNEL = 'trade';

function deal({ bundle, selection, holderKey }: SampleBundle): Promise<NewDealing> {
  const place = { channel: CHANNEL, dealer: 'dealer', epoch: 1, fence: 0 };
  return newDealing(
    { ...place, bundle: bundleTermsOf(bundle), selection, holderKey },
    {
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      primitives: nodeHpkePrimitives,
      sign: newEd25519Signer(new SecretBytes('sign seed', new Uint8Array(32).fill(7))),
      yieldToEventLoop: () => Promise.resolve(),
    },
  );
}

function checkedOf({ bundle }: SampleBundle, { dealing, holders, sheet }: NewDealing): CheckedDealing {
  const { bundleId, requestTxId, policyHash } = bundle;
  const { dealer, dealingId } = dealing;
  const context = { channel: CHANNEL, bundleId, epoch: 1, requestTxId, policyHash, dealer, dealingId };
  return { context, holders, sheet: decodeCommitmentSheet(sheet) };
}

function leavesOf(
  sample: SampleBundle,
  dealt: NewDealing,
  { context }: CheckedDealing,
  holder: string,
): readonly TreeLeaf[] {
  const root = openRootEnvelope(
    {
      context,
      holder,
      holderKey: sample.keys.get(holder) as KeyAgreementKey,
      sheetHash: dealt.dealing.sheetHash,
      envelope: dealt.envelopes[dealt.holders.indexOf(holder)] ?? new Uint8Array(),
    },
    nodeHpkePrimitives,
  );
  return deriveTreeLeaves([root], sample.bundle.requests.length);
}

describe.each([
  ['both parties and a quorum of witnesses', false],
  ['any quorum and one more holder', true],
])('a dealing that takes %s', (_, witnessesCanVerify) => {
  it.each([1, 2, 199, 200])(
    'gives each holder of %d streams the shares that the sheet speaks of',
    async (streams) => {
      const sample = newSampleBundle({ streams, witnessesCanVerify });
      const dealt = await deal(sample);
      const checked = checkedOf(sample, dealt);
      const leaves = new Map(
        dealt.holders.map((holder) => [holder, leavesOf(sample, dealt, checked, holder)]),
      );
      for (const [holder, of] of leaves) {
        expect(of).toHaveLength(streams);
        for (const leaf of of) verifyLeafAgainstSheet(checked, holder, leaf);
      }
      const structure = sharingStructureOf(sample.bundle.policy.witnesses);
      const shareOf = (holder: string, index: number): Share => {
        const leaf = leaves.get(holder)?.[index];
        if (leaf === undefined) throw new RangeError(`${holder} has no leaf ${index}`);
        const place = shareIndexAtColumn(structure.kind, dealt.holders.indexOf(holder));
        const share = shareBySheet(checked, holder, leaf);
        return { index: place, bytes: share.use((bytes) => Uint8Array.from(bytes)) };
      };
      const quorum = sample.selection.witnesses.slice(-sample.bundle.policy.witnesses.quorum);
      for (let index = 0; index < streams; index += 1) {
        const others = quorum.map((witness) => shareOf(witness, index));
        for (const party of ['initiator', 'provider']) {
          const rebuilt = combineContribution(structure, shareOf(party, index), others);
          verifyContribution(checked, index, new SecretBytes('contribution', rebuilt));
        }
      }
      // One share of another stream in it, and the check value shows it.
      const mixed = [...quorum].map((witness, at) => shareOf(witness, at === 0 ? streams - 1 : 0));
      const wrong = combineContribution(structure, shareOf('initiator', 0), mixed);
      const verdict = () => {
        verifyContribution(checked, 0, new SecretBytes('contribution', wrong));
      };
      if (streams > 1) expect(verdict).toThrow(expect.objectContaining({ code: 'BAD_DEALING' }) as Error);
      else expect(verdict).not.toThrow();
    },
  );
});

it('the largest dealing fits what its carriers hold', async () => {
  const sample = newSampleBundle({ streams: LIMITS.requestsPerBundle });
  const witnesses = Array.from({ length: LIMITS.witnesses }, (_, index) => `witness-${index}`);
  const key = newX25519Key().publicKey;
  const dealt = await deal({
    ...sample,
    selection: { ...sample.selection, witnesses },
    holderKey: () => key,
  });
  expect(dealt.sheet.length).toBeLessThanOrEqual(LIMITS.sheetBytes);
  for (const envelope of dealt.envelopes) expect(envelope.length).toBeLessThanOrEqual(LIMITS.envelopeBytes);
  const body = {
    ...dealt,
    sheet: encodeBase64Url(dealt.sheet),
    envelopes: dealt.envelopes.map(encodeBase64Url),
  };
  expect(JSON.stringify(body).length).toBeLessThanOrEqual(LIMITS.envelopeBodyBytes);
});
