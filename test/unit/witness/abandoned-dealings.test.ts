import { verifyAbandonedDealingProof } from '@eko/protocol/crypto';
import { decideRelease } from '../../../network/witness/src/core/decide-release';
import { codedError } from '../../support/coded-error';
import { txId } from '../../support/ledger/ledger-facts';
import { newGate } from '../../support/node-kit/gate';
import { rejectionOf } from '../../support/node-kit/rejection';
import { nextTurn } from '../../support/orchestrator/process-life';
import { TakingWorld } from '../../support/witness/taking-world';

const recorded = (world: TakingWorld, ...[dealt]: Parameters<TakingWorld['recordOf']>) =>
  world.see({ name: 'DealingsRecorded', payload: { record: world.recordOf(dealt) } });

/** A witness that took a dealing, and then one whose delivery gives the first up. */
async function afterAbandonment() {
  const world = await TakingWorld.open();
  const first = await world.deal();
  await world.take(world.delivery(first));
  const second = await world.deal();
  await world.take(world.delivery(second, [world.abandonment(first)]));
  return { world, first, second };
}

const idsOf = (world: TakingWorld): readonly (string | undefined)[] => [
  ...new Set(world.shares.names.map((name) => name.split('/')[3])),
];

describe('what a dealer signs as given up', () => {
  it('is destroyed, and its word kept, on the disk before the shares go and before the acknowledgement', async () => {
    const world = await TakingWorld.open();
    const first = await world.deal();
    await world.take(world.delivery(first));
    const second = await world.deal();
    const abandonment = world.abandonment(first);
    const kept = { ...abandonment, dealer: 'dealer', signKey: world.dealerKey };
    const atShred: unknown[] = [];
    world.shares.onShred = async () => {
      atShred.push((await world.stored())?.abandoned);
    };
    await world.take(world.delivery(second, [abandonment]));
    expect(atShred).toEqual([[kept]]);
    expect(idsOf(world)).toEqual([second.dealing.dealingId]);
    expect((await world.stored())?.abandoned).toEqual([kept]);
  });

  it.each<[string, (world: TakingWorld) => Partial<Parameters<TakingWorld['abandonment']>[1]>]>([
    ['another bundle', () => ({ bundleId: '00000000-0000-4000-8000-000000000000' })],
    ['another request of the bundle', () => ({ requestTxId: txId(5) })],
    ['another channel', () => ({ channel: 'elsewhere' })],
    ['another epoch', () => ({ epoch: 2 })],
    ['another fence', () => ({ fence: 1 })],
    ['another dealer', () => ({ dealer: 'another' })],
    ['another dealing', () => ({ dealingId: `${'x'.repeat(21)}A` })],
  ])('is refused when signed for %s, and nothing changes', async (_, change) => {
    const world = await TakingWorld.open();
    const first = await world.deal();
    await world.take(world.delivery(first));
    const abandonment = {
      ...world.abandonment(first, change(world)),
      dealingId: first.dealing.dealingId,
    };
    const error = await rejectionOf(world.take(world.delivery(await world.deal(), [abandonment])));
    expect(error).toMatchObject({
      code: 'BAD_SIGNATURE',
      details: { dealer: 'dealer', dealingId: first.dealing.dealingId },
    });
    expect(world.state.abandoned).toEqual([]);
    expect(idsOf(world)).toEqual([first.dealing.dealingId]);
  });

  it('is refused when signed with another key', async () => {
    const world = await TakingWorld.open();
    const first = await world.deal();
    world.dealerSeed = new Uint8Array(32).fill(5);
    const abandonment = world.abandonment(first);
    world.dealerSeed = new Uint8Array(32).fill(3);
    const error = await rejectionOf(world.take(world.delivery(await world.deal(), [abandonment])));
    expect(error.code).toBe('BAD_SIGNATURE');
  });

  it('blames nobody when another dealing is recorded', async () => {
    const { world, second } = await afterAbandonment();
    await recorded(world, second);
    expect(world.said).toEqual([]);
    expect(world.state.abandoned).toEqual([]);
    expect(await world.proofs.list('dealer')).toEqual([]);
  });

  it('convicts its dealer when it is recorded all the same, once, by a proof that anybody can check', async () => {
    const { world, first } = await afterAbandonment();
    await world.restart();
    await recorded(world, first);
    expect(world.said).toEqual(['accused dealer']);
    const [proof, ...others] = await world.proofs.list('dealer');
    expect(others).toEqual([]);
    if (proof === undefined) throw new Error('the proof is stored');
    expect(verifyAbandonedDealingProof(proof, { dealerKeys: [world.dealerKey] })).toBe('dealer');
    await world.restart();
    expect(world.said).toEqual(['accused dealer']);
  });

  it('convicts a dealer that changed its key in between', async () => {
    const { world, first } = await afterAbandonment();
    const earlier = world.dealerKey;
    world.dealerSeed = new Uint8Array(32).fill(5);
    await recorded(world, first);
    expect(world.said).toEqual(['accused dealer']);
    const [proof] = await world.proofs.list('dealer');
    if (proof === undefined) throw new Error('the proof is stored');
    const { dealerKey } = world;
    expect(verifyAbandonedDealingProof(proof, { dealerKeys: [earlier, dealerKey] })).toBe('dealer');
    expect(codedError(() => verifyAbandonedDealingProof(proof, { dealerKeys: [dealerKey] })).code).toBe(
      'BAD_SIGNATURE',
    );
  });

  it('is proved after a crash between record and proof', async () => {
    const { world, first } = await afterAbandonment();
    const record = world.recordOf(first);
    world.book.set(record.bundleId, { ...world.state, held: [], record });
    await world.book.written();
    await world.restart();
    expect(world.said).toEqual(['accused dealer']);
    expect(await world.proofs.list('dealer')).toHaveLength(1);
  });

  it('accuses nobody by a proof that does not hold', async () => {
    const { world, first } = await afterAbandonment();
    const record = world.recordOf(first);
    const dealings = record.dealings.map((dealing) => ({ ...dealing, signature: `${'A'.repeat(85)}A` }));
    await world.see({ name: 'DealingsRecorded', payload: { record: { ...record, dealings } } });
    expect(world.said).toEqual(['unproved BAD_SIGNATURE']);
    expect(await world.proofs.list('dealer')).toEqual([]);
  });

  it('is why a release is refused, until the dealer delivers it again', async () => {
    const { world, first } = await afterAbandonment();
    await recorded(world, first);
    const { bundle } = world.sample;
    const release = () =>
      decideRelease({
        state: world.state,
        request: {
          bundleId: bundle.bundleId,
          epoch: 1,
          streams: [0],
          permitTxId: world.recordOf(first).txId,
        },
        party: bundle.initiator,
        moment: { monotonicMs: 1, unixMs: 1_000_700, beat: { seenAtMonotonicMs: 1, atUnixMs: 1_000_700 } },
        bounds: { permitLifetimeMs: 5_000, clockToleranceMs: 2_000, viewBoundMs: 6_000 },
      });
    expect(codedError(release)).toMatchObject({ code: 'BAD_DEALING', details: { dealers: ['dealer'] } });
    await world.take(world.delivery(first));
    expect(release().dealings.map(({ dealingId }) => dealingId)).toEqual([first.dealing.dealingId]);
  });

  it('fills no disk with proofs against one dealer, and is told each time', async () => {
    const { world, first } = await afterAbandonment();
    await recorded(world, first);
    const [proof] = await world.proofs.list('dealer');
    if (proof === undefined) throw new Error('the proof is stored');
    const of = (bundleId: string) => ({ ...proof, statement: { ...proof.statement, bundleId } });
    const ids = Array.from({ length: 20 }, (_, n) => `00000000-0000-4000-8000-0000000000${n + 10}`);
    for (const bundleId of ids) expect(await world.proofs.put(of(bundleId))).toBe(true);
    expect(await world.proofs.list('dealer')).toHaveLength(16);
    expect(await world.proofs.put(proof)).toBe(false);
    const other = { ...proof, statement: { ...proof.statement, dealer: 'dealer-2' } };
    expect(await world.proofs.put(other)).toBe(true);
    expect(await world.proofs.list('dealer-2')).toEqual([other]);
    expect(await world.proofs.list('dealer')).toHaveLength(16);
  });
});

describe('a delivery', () => {
  it('is refused when it carries what the ledger would take', async () => {
    const world = await TakingWorld.open();
    const dealt = await world.deal();
    const [recordedDealing] = world.recordOf(dealt).dealings;
    if (recordedDealing === undefined) throw new Error('the record has a dealing');
    const { signature } = recordedDealing;
    expect((await rejectionOf(world.take({ ...world.delivery(dealt), signature }))).code).toBe(
      'BAD_SIGNATURE',
    );
    expect(world.shares.names).toEqual([]);
  });

  it('is not acknowledged a second time before the first is on the disk', async () => {
    const world = await TakingWorld.open();
    const delivery = world.delivery(await world.deal());
    const disk = newGate();
    const seen: string[] = [];
    const write = world.store.batch.bind(world.store);
    world.store.batch = async (operations) => {
      await disk.wait;
      seen.push('on the disk');
      await write(operations);
    };
    const first = world.take(delivery);
    while (world.state.held.length === 0) await nextTurn();
    const second = world.take(delivery).then(() => seen.push('acknowledged again'));
    // Whatever does not wait for the disk is over by then.
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    disk.open();
    await Promise.all([first, second]);
    expect(seen).toEqual(['on the disk', 'acknowledged again']);
  });
});
