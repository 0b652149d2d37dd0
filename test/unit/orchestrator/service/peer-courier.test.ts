import {
  LABELS,
  signRecord,
  signedStoreRefusal,
  type SignatureLabel,
  type StoreRefusal,
} from '@eko/protocol/crypto';
import { parseWith } from '@eko/protocol/encoding';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import { PeerCourier } from '../../../../network/orchestrator/src/service/peer-courier';
import { dealingId, hash } from '../../../support/data/ledger-facts';
import { newSimulatedNode } from '../../../support/simulated/simulated-node';
import { delivery } from '../../../support/simulated/witness-states';

const CHANNEL = 'trade';
const HOLDER = 'witness-a';
const NEVER = new AbortController().signal;
const { record, sign } = newSimulatedNode(HOLDER, 'witness');
const signer = sign;

const GIVEN = {
  holder: HOLDER,
  channel: CHANNEL,
  bundleId: delivery.bundleId,
  epoch: delivery.epoch,
  fence: delivery.fence,
  dealer: delivery.dealing.dealer,
  dealingId: delivery.dealing.dealingId,
  sheetHash: delivery.dealing.sheetHash,
  envelopeHash: hash('k'),
};

/** Delivers to a holder that signs this. */
function deliver(
  acknowledged: typeof GIVEN,
  label: SignatureLabel = LABELS.acknowledgementSignature,
): Promise<void> {
  const courier = new PeerCourier({
    channel: CHANNEL,
    registry: { node: () => record },
    peers: {
      call: ({ answerSchema }) =>
        Promise.resolve(
          parseWith(
            answerSchema,
            { ...acknowledged, signature: signRecord(label, acknowledged, sign) },
            'acknowledgement',
          ),
        ),
    },
    verify: verifyEd25519OnNode,
    deadlineMs: 1_000,
  });
  return courier.deliver(delivery, HOLDER, NEVER);
}

/** Delivers to a holder that has no room, and says so of this dealing. */
function deliverToFull(change: Partial<StoreRefusal> = {}, sign = signer): Promise<void> {
  const { bundleId, dealing } = delivery;
  const refusal = { channel: CHANNEL, witness: HOLDER, bundleId, dealingId: dealing.dealingId, atUnixMs: 1 };
  const courier = new PeerCourier({
    channel: CHANNEL,
    registry: { node: () => record },
    peers: { call: () => Promise.reject(signedStoreRefusal({ ...refusal, ...change }, sign)) },
    verify: verifyEd25519OnNode,
    deadlineMs: 1_000,
  });
  return courier.deliver(delivery, HOLDER, NEVER);
}

describe('the word of a holder that it is full', () => {
  it('counts where the holder signed it for this dealing, and else is none', async () => {
    await expect(deliverToFull()).rejects.toMatchObject({ code: 'STORE_FULL' });
    const other = newSimulatedNode('witness-b', 'witness').sign;
    await expect(deliverToFull({}, other)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
    const ofAnother = deliverToFull({ dealingId: dealingId('z') });
    await expect(ofAnother).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });
});

describe('an acknowledgement', () => {
  it('counts for the dealing that was delivered', async () => {
    await expect(deliver(GIVEN)).resolves.toBeUndefined();
  });

  it.each<[string, Partial<typeof GIVEN>]>([
    ['holder', { holder: 'witness-b' }],
    ['channel', { channel: 'other' }],
    ['bundle', { bundleId: '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5f' }],
    ['epoch', { epoch: 2 }],
    ['assignment', { fence: 1 }],
    ['dealer', { dealer: 'other' }],
    ['dealing', { dealingId: dealingId('z') }],
    ['sheet', { sheetHash: hash('z') }],
    ['envelope', { envelopeHash: hash('z') }],
  ])('of another %s counts for nothing, however well it is signed', async (_, change) => {
    await expect(deliver({ ...GIVEN, ...change })).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  it('is no other signature of the holder', async () => {
    await expect(deliver(GIVEN, LABELS.receiptSignature)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });
});
