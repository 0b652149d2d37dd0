import { keptRecord } from '@eko/protocol/ledger';
import { verifyAbandonedDealingProof } from '@eko/protocol/crypto';
import { decideRelease } from '../../../../network/witness/src/core/decide-release';
import { codedError, rejectionOf } from '../../../support/coded-error';
import { txId } from '../../../support/data/ledger-facts';
import { newGate } from '../../../support/gate';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const recorded = (harness: WitnessHarness, ...[dealt]: Parameters<WitnessHarness['recordOf']>) =>
  harness.see({ name: 'DealingsRecorded', payload: { record: harness.recordOf(dealt) } });

/** A witness that took a dealing, and then one whose delivery gives the first up. */
async function afterAbandonment() {
  const harness = await WitnessHarness.open();
  const first = await harness.deal();
  await harness.take(harness.delivery(first));
  const second = await harness.deal();
  await harness.take(harness.delivery(second, [harness.abandonment(first)]));
  return { harness, first, second };
}

const idsOf = (harness: WitnessHarness): readonly (string | undefined)[] => [
  ...new Set(harness.shares.names.map((name) => name.split('/')[3])),
];

describe('what a dealer signs as abandoned', () => {
  it('is destroyed, and its word kept, on the disk before the shares go and before the acknowledgement', async () => {
    const harness = await WitnessHarness.open();
    const first = await harness.deal();
    await harness.take(harness.delivery(first));
    const second = await harness.deal();
    const abandonment = harness.abandonment(first);
    const kept = { ...abandonment, dealer: 'dealer', signKey: harness.dealerKey };
    const atShred: unknown[] = [];
    harness.shares.onShred = async () => {
      atShred.push((await harness.stored())?.abandoned);
    };
    await harness.take(harness.delivery(second, [abandonment]));
    expect(atShred).toEqual([[kept]]);
    expect(idsOf(harness)).toEqual([second.dealing.dealingId]);
    expect((await harness.stored())?.abandoned).toEqual([kept]);
  });

  it.each<[string, (harness: WitnessHarness) => Partial<Parameters<WitnessHarness['abandonment']>[1]>]>([
    ['another bundle', () => ({ bundleId: '00000000-0000-4000-8000-000000000000' })],
    ['another request of the bundle', () => ({ requestTxId: txId(5) })],
    ['another channel', () => ({ channel: 'elsewhere' })],
    ['another epoch', () => ({ epoch: 2 })],
    ['another fence', () => ({ fence: 1 })],
    ['another dealer', () => ({ dealer: 'another' })],
    ['another dealing', () => ({ dealingId: `${'x'.repeat(21)}A` })],
  ])('is refused when signed for %s, and nothing changes', async (_, change) => {
    const harness = await WitnessHarness.open();
    const first = await harness.deal();
    await harness.take(harness.delivery(first));
    const abandonment = {
      ...harness.abandonment(first, change(harness)),
      dealingId: first.dealing.dealingId,
    };
    const error = await rejectionOf(harness.take(harness.delivery(await harness.deal(), [abandonment])));
    expect(error).toMatchObject({
      code: 'BAD_SIGNATURE',
      details: { dealer: 'dealer', dealingId: first.dealing.dealingId },
    });
    expect(harness.state.abandoned).toEqual([]);
    expect(idsOf(harness)).toEqual([first.dealing.dealingId]);
  });

  it('is refused when signed with another key', async () => {
    const harness = await WitnessHarness.open();
    const first = await harness.deal();
    harness.dealerSeed = new Uint8Array(32).fill(5);
    const abandonment = harness.abandonment(first);
    harness.dealerSeed = new Uint8Array(32).fill(3);
    const error = await rejectionOf(harness.take(harness.delivery(await harness.deal(), [abandonment])));
    expect(error.code).toBe('BAD_SIGNATURE');
  });

  it('blames nobody when another dealing is recorded', async () => {
    const { harness, second } = await afterAbandonment();
    await recorded(harness, second);
    expect(harness.said).toEqual([]);
    expect(harness.state.abandoned).toEqual([]);
    expect(await harness.proofs.list('dealer')).toEqual([]);
  });

  it('convicts its dealer when it is recorded all the same, once, by a proof that anybody can check', async () => {
    const { harness, first } = await afterAbandonment();
    await harness.restart();
    await recorded(harness, first);
    expect(harness.said).toEqual(['accused dealer']);
    const [proof, ...others] = await harness.proofs.list('dealer');
    expect(others).toEqual([]);
    if (proof === undefined) throw new Error('the proof is stored');
    expect(verifyAbandonedDealingProof(proof, { dealerKeys: [harness.dealerKey] })).toBe('dealer');
    await harness.restart();
    expect(harness.said).toEqual(['accused dealer']);
  });

  it('convicts a dealer that changed its key in between', async () => {
    const { harness, first } = await afterAbandonment();
    const earlier = harness.dealerKey;
    harness.dealerSeed = new Uint8Array(32).fill(5);
    await recorded(harness, first);
    expect(harness.said).toEqual(['accused dealer']);
    const [proof] = await harness.proofs.list('dealer');
    if (proof === undefined) throw new Error('the proof is stored');
    const { dealerKey } = harness;
    expect(verifyAbandonedDealingProof(proof, { dealerKeys: [earlier, dealerKey] })).toBe('dealer');
    expect(codedError(() => verifyAbandonedDealingProof(proof, { dealerKeys: [dealerKey] })).code).toBe(
      'BAD_SIGNATURE',
    );
  });

  it('is proved after a crash between record and proof', async () => {
    const { harness, first } = await afterAbandonment();
    const record = harness.recordOf(first);
    const kept = keptRecord(record, undefined, () => true);
    harness.book.set(record.bundleId, { ...harness.state, held: [], record: kept });
    await harness.book.written();
    await harness.restart();
    expect(harness.said).toEqual(['accused dealer']);
    expect(await harness.proofs.list('dealer')).toHaveLength(1);
  });

  it('accuses nobody by a proof that does not hold', async () => {
    const { harness, first } = await afterAbandonment();
    const record = harness.recordOf(first);
    const dealings = record.dealings.map((dealing) => ({ ...dealing, signature: `${'A'.repeat(85)}A` }));
    await harness.see({ name: 'DealingsRecorded', payload: { record: { ...record, dealings } } });
    expect(harness.said).toEqual(['unproved BAD_SIGNATURE']);
    expect(await harness.proofs.list('dealer')).toEqual([]);
  });

  it('is why a release is refused, until the dealer delivers it again', async () => {
    const { harness, first } = await afterAbandonment();
    await recorded(harness, first);
    const { bundle } = harness.sample;
    const release = () =>
      decideRelease({
        state: harness.state,
        request: {
          bundleId: bundle.bundleId,
          epoch: 1,
          streams: [0],
          permitTxId: harness.recordOf(first).txId,
        },
        party: bundle.initiator,
        moment: { monotonicMs: 1, unixMs: 1_000_700, beat: { seenAtMonotonicMs: 1, atUnixMs: 1_000_700 } },
        bounds: { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 },
      });
    expect(codedError(release)).toMatchObject({ code: 'BAD_DEALING', details: { dealers: ['dealer'] } });
    await harness.take(harness.delivery(first));
    expect(release().dealings.map(({ dealingId }) => dealingId)).toEqual([first.dealing.dealingId]);
  });

  it('fills no disk with proofs against one dealer, and is told each time', async () => {
    const { harness, first } = await afterAbandonment();
    await recorded(harness, first);
    const [proof] = await harness.proofs.list('dealer');
    if (proof === undefined) throw new Error('the proof is stored');
    const of = (bundleId: string) => ({ ...proof, statement: { ...proof.statement, bundleId } });
    const ids = Array.from({ length: 20 }, (_, n) => `00000000-0000-4000-8000-0000000000${n + 10}`);
    for (const bundleId of ids) expect(await harness.proofs.put(of(bundleId))).toBe(true);
    expect(await harness.proofs.list('dealer')).toHaveLength(16);
    expect(await harness.proofs.put(proof)).toBe(false);
    const other = { ...proof, statement: { ...proof.statement, dealer: 'dealer-2' } };
    expect(await harness.proofs.put(other)).toBe(true);
    expect(await harness.proofs.list('dealer-2')).toEqual([other]);
    expect(await harness.proofs.list('dealer')).toHaveLength(16);
  });
});

describe('a delivery', () => {
  it('is refused when it carries what the ledger would take', async () => {
    const harness = await WitnessHarness.open();
    const dealt = await harness.deal();
    const [recordedDealing] = harness.recordOf(dealt).dealings;
    if (recordedDealing === undefined) throw new Error('the record has a dealing');
    const { signature } = recordedDealing;
    expect((await rejectionOf(harness.take({ ...harness.delivery(dealt), signature }))).code).toBe(
      'BAD_SIGNATURE',
    );
    expect(harness.shares.names).toEqual([]);
  });

  it('is not acknowledged a second time before the first is on the disk', async () => {
    const harness = await WitnessHarness.open();
    const delivery = harness.delivery(await harness.deal());
    const disk = newGate();
    const seen: string[] = [];
    const write = harness.store.batch.bind(harness.store);
    harness.store.batch = async (operations) => {
      await disk.wait;
      seen.push('on the disk');
      await write(operations);
    };
    const first = harness.take(delivery);
    while (harness.state.held.length === 0) await nextTurn();
    const second = harness.take(delivery).then(() => seen.push('acknowledged again'));
    // Whatever does not wait for the disk is over by then.
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    disk.open();
    await Promise.all([first, second]);
    expect(seen).toEqual(['on the disk', 'acknowledged again']);
  });
});
