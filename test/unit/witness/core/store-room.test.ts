import { EkoError } from '@eko/protocol';
import type { BundleWatcher } from '@eko/node-kit';
import { bundleTermsOf } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { verifyStoreRefusal } from '@eko/protocol/crypto';
import { verifyEd25519OnNode } from '@eko/protocol/node';
import { ed25519 } from '@noble/curves/ed25519';
import { StoreRoom } from '../../../../network/witness/src/core/store-room';
import type { WitnessState } from '../../../../network/witness/src/core/witness-state';
import { codedError, rejectionOf } from '../../../support/coded-error';
import { bundleRecord } from '../../../support/data/ledger-facts';
import { heldDealing } from './held-dealing';
import { WitnessHarness } from '../../../support/simulated/witness-harness';
import { stateAfterRequest } from '../../../support/simulated/witness-states';

const WITNESS_KEY = encodeBase64Url(ed25519.getPublicKey(new Uint8Array(32).fill(4)));

/** A bundle of two streams that an organisation asked for. */
const termsOf = (initiatorMsp: string) => bundleTermsOf(bundleRecord({ initiatorMsp }));
const heldBy = (initiatorMsp: string): WitnessState => ({
  ...stateAfterRequest(heldDealing),
  bundle: termsOf(initiatorMsp),
});

const holding = (bundles: readonly WitnessState[]): ConstructorParameters<typeof StoreRoom>[0] => ({
  watch: (watcher) => {
    for (const state of bundles) watcher(state.bundle.bundleId, state, undefined);
  },
});

describe("a witness's store", () => {
  it('is filled to an eighth by what one organisation asks for, and has room for the others', () => {
    const each = termsOf('Org1MSP').streams;
    const bundles = [heldBy('Org1MSP'), heldBy('Org1MSP')];
    const streams = termsOf('Org1MSP').streams;
    const roomOf = (mostShares: number) => new StoreRoom(holding(bundles), mostShares);
    const enough = 8 * (2 * each + streams);
    expect(() => {
      roomOf(enough).keepFor(termsOf('Org1MSP'))[Symbol.dispose]();
    }).not.toThrow();
    const room = roomOf(enough - 1);
    expect(codedError(() => room.keepFor(termsOf('Org1MSP')))).toMatchObject({
      code: 'STORE_FULL',
      details: { mspId: 'Org1MSP' },
    });
    expect(() => room.keepFor(termsOf('Org2MSP'))).not.toThrow();
  });

  it('is full as a whole too, and counts what is on its way', () => {
    const { streams } = termsOf('Org1MSP');
    const bundles = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((name) => heldBy(`${name}MSP`));
    const full = new StoreRoom(holding(bundles), 8 * streams);
    expect(codedError(() => full.keepFor(termsOf('NewMSP'))).code).toBe('STORE_FULL');
    const empty = new StoreRoom(holding([]), 8 * streams);
    const coming = empty.keepFor(termsOf('Org1MSP'));
    expect(codedError(() => empty.keepFor(termsOf('Org1MSP'))).code).toBe('STORE_FULL');
    coming[Symbol.dispose]();
    empty.keepFor(termsOf('Org1MSP'))[Symbol.dispose]();
  });

  it('has room again for what is over, and tells how many shares it holds', () => {
    const held = heldBy('Org1MSP');
    const { streams } = held.bundle;
    let change: BundleWatcher<WitnessState> = () => undefined;
    const room = new StoreRoom({ watch: (watcher) => void (change = watcher) }, 8 * streams);
    change(held.bundle.bundleId, held, undefined);
    expect(room.stored).toBe(streams);
    expect(codedError(() => room.keepFor(held.bundle)).code).toBe('STORE_FULL');
    change(held.bundle.bundleId, { ...held, held: [] }, held);
    expect(room.stored).toBe(0);
    const kept = room.keepFor(held.bundle);
    kept[Symbol.dispose]();
    kept[Symbol.dispose]();
    change(held.bundle.bundleId, undefined, { ...held, held: [] });
    room.keepFor(held.bundle);
    expect(codedError(() => room.keepFor(held.bundle)).code).toBe('STORE_FULL');
  });

  it.each<[string, (harness: WitnessHarness) => void]>([
    ['an organisation has its part', (harness) => (harness.mostShares = 8)],
    [
      'the disk is full',
      (harness) => (harness.shares.onPut = () => Promise.reject(new EkoError('STORE_FULL', 'no space'))),
    ],
  ])('says by a signature for this dealing that it has no room, where %s', async (_why, fill) => {
    const harness = await WitnessHarness.open();
    fill(harness);
    const delivery = harness.delivery(await harness.deal());
    const refusal = await rejectionOf(harness.take(delivery));
    const { bundleId, dealing } = delivery;
    const { dealingId } = dealing;
    const said = { channel: harness.ledger.channel, witness: 'witness-a', bundleId, dealingId };
    expect(refusal).toMatchObject({ code: 'STORE_FULL', details: said });
    expect([harness.shares.names, harness.state.held]).toEqual([[], []]);
    const verify = (expected: typeof said) => () => {
      verifyStoreRefusal(refusal, expected, WITNESS_KEY, verifyEd25519OnNode);
    };
    expect(verify(said)).not.toThrow();
    expect(codedError(verify({ ...said, bundleId: 'another' })).code).toBe('BAD_SIGNATURE');
  });
});
