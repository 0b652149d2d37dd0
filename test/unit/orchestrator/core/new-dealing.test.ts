import { SecretBytes } from '@eko/protocol';
import { bundleTermsOf } from '@eko/protocol/ledger';
import {
  LABELS,
  combineContribution,
  dealingStatement,
  decodeCommitmentSheet,
  deriveTreeLeaves,
  hashText,
  openRootEnvelope,
  shareBySheet,
  shareIndexAtColumn,
  sharingStructureOf,
  verifyContribution,
  verifyLeafAgainstSheet,
  verifyRecordSignature,
  type CheckedDealing,
  type DealingContext,
  type RandomSource,
  type Share,
  type SignatureLabel,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { ed25519 } from '@noble/curves/ed25519';
import {
  completeDealing,
  newDealing,
  type DealingTools,
  type NewDealing,
} from '../../../../network/orchestrator/src/core/new-dealing';
import { codedError, rejectionOf } from '../../../support/coded-error';
import { newSampleBundle, type SampleBundle } from '../../../support/data/sample-bundle';

const CHANNEL = 'trade';
const SIGN_SEED = new Uint8Array(32).fill(7);
const SIGN_KEY = encodeBase64Url(ed25519.getPublicKey(SIGN_SEED));

const systemRandom: RandomSource = (length) => crypto.getRandomValues(new Uint8Array(length));

function toolsWith(change: Partial<DealingTools> = {}): DealingTools {
  return {
    random: systemRandom,
    primitives: nodeHpkePrimitives,
    sign: newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(SIGN_SEED))),
    yieldToEventLoop: () => Promise.resolve(),
    ...change,
  };
}

function deal(sample: SampleBundle, tools = toolsWith()): Promise<NewDealing> {
  const { bundle, selection, holderKey } = sample;
  const terms = bundleTermsOf(bundle);
  const plan = {
    channel: CHANNEL,
    dealer: 'dealer',
    bundle: terms,
    epoch: 1,
    fence: 0,
    selection,
    holderKey,
  };
  return newDealing(plan, tools);
}

function contextOf({ bundle }: SampleBundle, { dealing }: NewDealing): DealingContext {
  const { bundleId, requestTxId, policyHash } = bundle;
  const { dealer, dealingId } = dealing;
  return { channel: CHANNEL, bundleId, epoch: 1, requestTxId, policyHash, dealer, dealingId };
}

/** The leaves that a holder has of a dealing of `sample`. */
function open(sample: SampleBundle, dealt: NewDealing, holder: string): readonly TreeLeaf[] {
  const holderKey = sample.keys.get(holder);
  const envelope = dealt.envelopes[dealt.holders.indexOf(holder)];
  if (holderKey === undefined || envelope === undefined) throw new Error(`${holder} holds nothing`);
  const context = contextOf(sample, dealt);
  const root = openRootEnvelope(
    { context, holder, holderKey, sheetHash: dealt.dealing.sheetHash, envelope },
    nodeHpkePrimitives,
  );
  return deriveTreeLeaves([root], sample.bundle.requests.length);
}

function checkedOf(sample: SampleBundle, dealt: NewDealing): CheckedDealing {
  const { holders, sheet } = dealt;
  return { context: contextOf(sample, dealt), holders, sheet: decodeCommitmentSheet(sheet) };
}

describe.each([
  ['both parties and a quorum of witnesses', false],
  ['any quorum and one more holder', true],
])('a dealing that takes %s', (_, witnessesCanVerify) => {
  const sample = newSampleBundle({ streams: 4, witnessesCanVerify });

  it('gives every holder leaves that hold their commitments, of all streams', async () => {
    const dealt = await deal(sample);
    const checked = checkedOf(sample, dealt);
    expect(dealt.holders).toEqual(['initiator', 'provider', 'witness-d', 'witness-a', 'witness-c']);
    for (const holder of dealt.holders) {
      const leaves = open(sample, dealt, holder);
      expect(() => {
        for (const leaf of leaves) verifyLeafAgainstSheet(checked, holder, leaf);
      }).not.toThrow();
      expect(leaves.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    }
  });

  it('lets either party rebuild the contribution with any quorum', async () => {
    const dealt = await deal(sample);
    const checked = checkedOf(sample, dealt);
    const structure = sharingStructureOf(sample.bundle.policy.witnesses);
    const shareOf = (holder: string, stream: number): Share => {
      const leaf = open(sample, dealt, holder)[stream];
      if (leaf === undefined) throw new Error(`${holder} does not serve stream ${stream}`);
      const index = shareIndexAtColumn(structure.kind, dealt.holders.indexOf(holder));
      return { index, bytes: shareBySheet(checked, holder, leaf).use((bytes) => Uint8Array.from(bytes)) };
    };
    const [first = '', second = '', third = ''] = sample.selection.witnesses;
    for (const stream of [0, 1, 2, 3]) {
      for (const party of ['initiator', 'provider']) {
        for (const quorum of [
          [first, second],
          [third, first],
        ]) {
          const released = quorum.map((witness) => shareOf(witness, stream));
          const rebuilt = new SecretBytes(
            'contribution',
            combineContribution(structure, shareOf(party, stream), released),
          );
          expect(() => {
            verifyContribution(checked, stream, rebuilt);
          }).not.toThrow();
        }
      }
    }
  });

  it('is signed over everything that goes on the ledger, for delivery first and for the ledger once complete', async () => {
    const dealt = await deal(sample);
    const { dealing, holders, sheet, envelopes, epoch, fence } = dealt;
    expect(dealing.sheetHash).toBe(hashText(sheet));
    expect(dealing.envelopes).toEqual(envelopes.map(hashText));
    const statement = dealingStatement({
      channel: CHANNEL,
      bundle: sample.bundle,
      epoch,
      fence,
      holders,
      dealing,
    });
    const complete = completeDealing(
      { channel: CHANNEL, bundle: bundleTermsOf(sample.bundle) },
      dealt,
      toolsWith().sign,
    );
    expect(complete).toMatchObject({ dealing, holders, epoch, fence });
    const signatures = [
      [LABELS.deliverySignature, dealt.deliverySignature],
      [LABELS.dealingSignature, complete.dealing.signature],
    ] as const;
    for (const [label, signature] of signatures) {
      const verify = (under: SignatureLabel, record: unknown) => () => {
        verifyRecordSignature(under, record, signature, SIGN_KEY);
      };
      expect(verify(label, statement)).not.toThrow();
      expect(codedError(verify(label, { ...statement, fence: 1 })).code).toBe('BAD_SIGNATURE');
      for (const [other] of signatures.filter(([mine]) => mine !== label))
        expect(codedError(verify(other, statement)).code).toBe('BAD_SIGNATURE');
    }
  });
});

describe('a dealing', () => {
  it('is never the same twice', async () => {
    const sample = newSampleBundle();
    const [one, other] = await Promise.all([deal(sample), deal(sample)]);
    expect(one.dealing.dealingId).not.toBe(other.dealing.dealingId);
    expect(one.dealing.sheetHash).not.toBe(other.dealing.sheetHash);
  });

  it('leaves no random byte behind: neither contributions nor shares nor roots', async () => {
    const drawn: Uint8Array[] = [];
    const random: RandomSource = (length) => {
      const bytes = systemRandom(length);
      drawn.push(bytes);
      return bytes;
    };
    const { dealing } = await deal(newSampleBundle({ streams: 40 }), toolsWith({ random }));
    // The one public draw is the dealing's ID, which was copied out.
    expect(dealing.dealingId).toHaveLength(22);
    expect(drawn.length).toBeGreaterThan(0);
    for (const bytes of drawn) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('is refused, and wiped, when a holder has no usable key', async () => {
    const drawn: Uint8Array[] = [];
    const random: RandomSource = (length) => {
      const bytes = systemRandom(length);
      drawn.push(bytes);
      return bytes;
    };
    const sample = { ...newSampleBundle(), holderKey: () => new Uint8Array(32) };
    expect((await rejectionOf(deal(sample, toolsWith({ random })))).code).toBe('INVALID_KEY');
    for (const bytes of drawn) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('is refused when the random generator shows no life', async () => {
    const random: RandomSource = (length) => new Uint8Array(length).fill(3);
    expect((await rejectionOf(deal(newSampleBundle(), toolsWith({ random })))).code).toBe('RNG_FAILED');
  });

  it('lets other work run while it deals a large bundle', async () => {
    let breaths = 0;
    const yieldToEventLoop = (): Promise<void> => {
      breaths += 1;
      return Promise.resolve();
    };
    await deal(newSampleBundle({ streams: 200 }), toolsWith({ yieldToEventLoop }));
    expect(breaths).toBeGreaterThanOrEqual(8);
  });
});
