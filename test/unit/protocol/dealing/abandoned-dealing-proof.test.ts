import { ed25519 } from '@noble/curves/ed25519';
import { SecretBytes } from '@eko/protocol';
import { AbandonedDealingProof, type DealingStatement } from '@eko/protocol/ledger';
import {
  LABELS,
  abandonmentStatement,
  dealingStatement,
  holdersOf,
  newAbandonedDealingProof,
  signRecord,
  verifyAbandonedDealingProof,
} from '@eko/protocol/crypto';
import { encodeBase64Url, encodeCanonicalJson, parseCanonicalJson, parseWith } from '@eko/protocol/encoding';
import { newEd25519Signer } from '@eko/protocol/node';
import { codedError } from '../../../support/coded-error';
import { bundleRecord, dealingId, dealingsRecord, hash, txId } from '../../../support/data/ledger-facts';

const CHANNEL = 'trade';
const bundle = bundleRecord();

function newDealer(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  const key = encodeBase64Url(ed25519.getPublicKey(seed));
  return { key, sign: newEd25519Signer(new SecretBytes('sign seed', seed)) };
}

const dealer = newDealer(6);
const stranger = newDealer(7);

const [dealing] = dealingsRecord().dealings;
if (dealing === undefined) throw new Error('the record has a dealing');
const statement = dealingStatement({
  channel: CHANNEL,
  bundle,
  epoch: 1,
  fence: 0,
  holders: holdersOf(bundle, dealingsRecord().selection),
  dealing,
});
const record = dealingsRecord({
  dealings: [{ ...dealing, signature: signRecord(LABELS.dealingSignature, statement, dealer.sign) }],
});
const abandonment = signRecord(LABELS.abandonmentSignature, abandonmentStatement(statement), dealer.sign);
const place = { channel: CHANNEL, bundle, record, dealer: 'dealer', dealingId: dealingId('d'), abandonment };
const proof = newAbandonedDealingProof(place);

const verified =
  (changed: Partial<AbandonedDealingProof>, keys = [dealer.key]) =>
  () =>
    verifyAbandonedDealingProof({ ...proof, ...changed }, { dealerKeys: keys });

describe('the proof against a dealer that has recorded what it gave up', () => {
  it('is made of the record and the statement, and names the dealer from its bytes alone', () => {
    const written = parseCanonicalJson(encodeCanonicalJson(proof), { maxBytes: 8_192, maxDepth: 8 });
    const read = parseWith(AbandonedDealingProof, written, 'proof');
    expect(verifyAbandonedDealingProof(read, { dealerKeys: [stranger.key, dealer.key] })).toBe('dealer');
  });

  it('is not made where the ledger records another dealing', () => {
    for (const change of [{ dealingId: dealingId('e') }, { dealer: 'another' }])
      expect(codedError(() => newAbandonedDealingProof({ ...place, ...change })).code).toBe('BAD_PROOF');
  });

  it('shows nothing under keys that are not the dealer’s', () => {
    for (const keys of [[], [stranger.key]])
      expect(codedError(verified({}, keys)).code).toBe('BAD_SIGNATURE');
  });

  it.each<[string, Partial<DealingStatement>]>([
    ['channel', { channel: 'elsewhere' }],
    ['bundle', { bundleId: '00000000-0000-4000-8000-000000000000' }],
    ['epoch', { epoch: 2 }],
    ['fence', { fence: 1 }],
    ['request', { requestTxId: txId(5) }],
    ['dealer', { dealer: 'another' }],
    ['dealing', { dealingId: dealingId('e') }],
  ])('shows nothing of another %s, whichever of the two signatures is for it', (_, change) => {
    const other = { ...statement, ...change };
    const recordedOther = signRecord(LABELS.dealingSignature, other, dealer.sign);
    const gaveUpOther = signRecord(LABELS.abandonmentSignature, abandonmentStatement(other), dealer.sign);
    expect(verified({ statement: other, signature: recordedOther, abandonment: gaveUpOther })()).toBe(
      other.dealer,
    );
    const mixed = [
      { statement: other },
      { statement: other, signature: recordedOther },
      { statement: other, abandonment: gaveUpOther },
      { abandonment: gaveUpOther },
      { signature: recordedOther },
    ];
    for (const half of mixed) expect(codedError(verified(half)).code).toBe('BAD_SIGNATURE');
  });

  it.each<[string, Partial<DealingStatement>]>([
    ['policy', { policyHash: hash('z') }],
    ['sheet', { sheetHash: hash('z') }],
    ['holders', { holders: ['initiator', 'provider', 'witness-a', 'witness-c'] }],
    ['envelopes', { envelopes: [hash('i'), hash('j'), hash('k'), hash('z')] }],
  ])('shows nothing of a dealing with other %s than was signed for the ledger', (_, change) => {
    expect(codedError(verified({ statement: { ...statement, ...change } })).code).toBe('BAD_SIGNATURE');
  });

  it('takes neither signature for the other, nor one for a delivery', () => {
    const delivered = signRecord(LABELS.deliverySignature, statement, dealer.sign);
    const swapped = { signature: proof.abandonment, abandonment: proof.signature };
    const asDealing = signRecord(LABELS.dealingSignature, abandonmentStatement(statement), dealer.sign);
    for (const change of [swapped, { signature: delivered }, { abandonment: asDealing }])
      expect(codedError(verified(change)).code).toBe('BAD_SIGNATURE');
  });
});
