import { type EndRecord } from '@eko/protocol/ledger';
import { verifyWrongDealingProof, verifyWrongShareProof } from '@eko/sdk/node';
import { Outcome, collect, collectInto } from './collected-keys';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { INITIATOR, PROVIDER } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';
import { txIdOf } from '../../../support/simulated/fake-ledger';

describe('a collection in which somebody did wrong', () => {
  it.each([INITIATOR, 'witness-1'])(
    'convicts the dealer, and no witness, whose corrections for %s do not fit the shares',
    async (holder) => {
      for (const witnessesCanVerify of [false, true]) {
        const options = { streams: 3, witnesses: 2, count: 2, quorum: witnessesCanVerify ? 1 : 2 };
        const dealerFault = { kind: 'correction', holder } as const;
        const bundle = newDealtBundle({ ...options, witnessesCanVerify, dealerFault });
        const { keys, failures, proofs } = await collect(bundle, new SimulatedNetwork(INITIATOR, bundle));
        expect([keys.size, failures.size]).toEqual([0, 3]);
        expect(failures.get(2)).toMatchObject({ code: 'BAD_DEALING', details: { dealer: 'dealer-1' } });
        const dealerKey = bundle.nodes.get('dealer-1')?.record.keys.sign ?? '';
        expect(proofs).toHaveLength(3);
        for (const proof of proofs) {
          if (proof.kind !== 'wrong-dealing') throw new Error('a dealing is wrong');
          expect(verifyWrongDealingProof(proof, { dealerKey })).toBe('dealer-1');
          // Another leaf than the one committed to shows nothing.
          const openings = proof.openings.map((opening) => ({ ...opening, leaf: 'A'.repeat(43) }));
          expect(() => verifyWrongDealingProof({ ...proof, openings }, { dealerKey })).toThrow(
            expect.objectContaining({ code: 'BAD_SHARE' }) as Error,
          );
        }
      }
    },
  );

  it('names the dealer that sealed this party another root than it committed to, which nobody else can check', async () => {
    const bundle = newDealtBundle({ streams: 2, dealerFault: { kind: 'root', holder: INITIATOR } });
    const { keys, failures, proofs } = await collect(bundle, new SimulatedNetwork(INITIATOR, bundle));
    expect([keys.size, proofs.length]).toEqual([0, 0]);
    for (const index of [0, 1])
      expect(failures.get(index)).toMatchObject({
        code: 'BAD_SHARE',
        details: { holder: INITIATOR, dealer: 'dealer-1', streamIndex: index },
      });
  });

  it('convicts a witness that hands over its root on a permit for a part, by its receipt alone', async () => {
    const bundle = newDealtBundle({ streams: 4, witnesses: 3, count: 3 });
    const ended: EndRecord = {
      bundleId: bundle.view.bundle.bundleId,
      index: 3,
      reason: 'revoked',
      by: PROVIDER,
      txId: txIdOf('end'),
      atUnixMs: 1,
    };
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'whole root');
    const outcome = new Outcome();
    const view = () => ({ ...bundle.view, ends: [ended] });
    await collectInto(outcome, bundle, network, { view, streams: [0, 1, 2] });
    expect([...outcome.keys.keys()].sort()).toEqual([0, 1, 2]);
    const [proof, ...others] = outcome.proofs;
    if (proof?.kind !== 'wrong-share') throw new Error('no proof');
    expect([others.length, proof.opening]).toEqual([0, undefined]);
    const keyOf = (nodeId: string): string => bundle.nodes.get(nodeId)?.record.keys.sign ?? '';
    const registered = { dealerKey: keyOf(proof.dealing.dealing.dealer), witnessKey: keyOf('witness-1') };
    expect(verifyWrongShareProof(proof, registered)).toBe('witness-1');
    // Of an honest receipt's entries none lies above a stream that it does not name.
    const streams = [0, 1, 2, 3];
    expect(() =>
      verifyWrongShareProof({ ...proof, receipt: { ...proof.receipt, streams } }, registered),
    ).toThrow(expect.objectContaining({ code: 'BAD_SIGNATURE' }) as Error);
  });
});
