import { EkoError } from '@eko/protocol';
import { type EndRecord } from '@eko/protocol/ledger';
import { newCollectionTask, verifyWrongDealingProof, verifyWrongShareProof } from '@eko/sdk/node';
import { Outcome, collect, collectInto, keysOf } from './collected-keys';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { CHANNEL, INITIATOR, PROVIDER } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';
import { txIdOf } from '../../../support/simulated/fake-ledger';

describe('collectKeys', () => {
  it.each([
    ['no number of witnesses can rebuild', false],
    ['the witnesses can verify', true],
  ])('gives both parties the same keys where %s', async (_what, witnessesCanVerify) => {
    const bundle = newDealtBundle({ streams: 5, witnessesCanVerify });
    for (const party of [INITIATOR, PROVIDER]) {
      const { keys, failures, proofs } = await collect(bundle, new SimulatedNetwork(party, bundle), {
        party,
      });
      expect(keys).toEqual(keysOf(bundle));
      expect([failures.size, proofs.length]).toEqual([0, 0]);
    }
  });

  it('asks one envelope of each dealer and one release of each witness for a whole bundle', async () => {
    const bundle = newDealtBundle({ streams: 50, witnesses: 5 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    const { keys } = await collect(bundle, network, { bounds: { hedgeMs: 60_000 } });
    expect(keys.size).toBe(50);
    expect(network.releases).toHaveLength(2);
  });

  it.each([false, true])('asks a quorum of witnesses and no more (witnessesCanVerify: %s)', async (flat) => {
    const options = { streams: 3, witnesses: 5, count: 5, quorum: 2, witnessesCanVerify: flat };
    const bundle = newDealtBundle(options);
    const network = new SimulatedNetwork(INITIATOR, bundle);
    const { keys } = await collect(bundle, network, { bounds: { hedgeMs: 60_000 } });
    expect(keys).toEqual(keysOf(bundle));
    expect(network.releases).toHaveLength(options.quorum);
  });

  it.each(['silent', 'down', 'rubbish', 'forged receipt', 'half'] as const)(
    'goes on without a witness that is %s, and accuses nobody',
    async (fault) => {
      const bundle = newDealtBundle({ streams: 4, witnesses: 3 });
      const network = new SimulatedNetwork(INITIATOR, bundle);
      network.faults.set('witness-1', fault);
      const { keys, proofs } = await collect(bundle, network);
      expect(keys).toEqual(keysOf(bundle));
      expect(proofs).toEqual([]);
    },
  );

  it('refuses a wrong share, goes on with the others, and proves who sent it', async () => {
    const bundle = newDealtBundle({ streams: 4, witnesses: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'wrong share');
    const { keys, proofs } = await collect(bundle, network);
    expect(keys).toEqual(keysOf(bundle));
    const [proof] = proofs;
    if (proof?.kind !== 'wrong-share') throw new Error('no proof');
    const keyOf = (nodeId: string): string => bundle.nodes.get(nodeId)?.record.keys.sign ?? '';
    const registered = { dealerKey: keyOf(proof.dealing.dealing.dealer), witnessKey: keyOf('witness-1') };
    expect(verifyWrongShareProof(proof, registered)).toBe('witness-1');

    const innocent = proof.entries.map((_entry, accused) => ({ ...proof, accused }));
    for (const other of innocent.filter(({ accused }) => accused !== proof.accused))
      expect(() => verifyWrongShareProof(other, registered)).toThrow(
        expect.objectContaining({ code: 'BAD_PROOF' }) as Error,
      );
    expect(() => verifyWrongShareProof(proof, { ...registered, witnessKey: keyOf('witness-2') })).toThrow(
      expect.objectContaining({ code: 'BAD_SIGNATURE' }) as Error,
    );
  });

  it('names the dealer whose shares do not give what it published, and proves it', async () => {
    for (const witnessesCanVerify of [false, true]) {
      const bundle = newDealtBundle({ streams: 3, wrongDealings: [1], witnessesCanVerify });
      const { keys, failures, proofs } = await collect(bundle, new SimulatedNetwork(INITIATOR, bundle));
      expect([...keys.keys()].sort()).toEqual([0, 2]);
      expect(failures.get(1)).toMatchObject({ code: 'BAD_DEALING', details: { dealer: 'dealer-1' } });
      const [proof] = proofs;
      if (proof?.kind !== 'wrong-dealing') throw new Error('no proof');
      const dealerKey = bundle.nodes.get('dealer-1')?.record.keys.sign ?? '';
      expect(verifyWrongDealingProof(proof, { dealerKey })).toBe('dealer-1');
      const policy = { ...proof.policy, witnesses: { ...proof.policy.witnesses, quorum: 1 } };
      expect(() => verifyWrongDealingProof({ ...proof, policy }, { dealerKey })).toThrow(
        expect.objectContaining({ code: 'BAD_PROOF' }) as Error,
      );
    }
  });

  it('takes no answer of before for one of now, and accuses nobody by it', async () => {
    const bundle = newDealtBundle({ streams: 2, witnesses: 3, count: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    await collect(bundle, network, { bounds: { hedgeMs: 60_000 } });
    network.faults.set('witness-1', 'older release');
    const authorize = (): Promise<string> => {
      const permit = txIdOf(`permit ${network.permits.size}`);
      network.permits.add(permit);
      return Promise.resolve(permit);
    };
    const { keys, proofs } = await collect(bundle, network, { authorize });
    expect(keys).toEqual(keysOf(bundle));
    expect(proofs).toEqual([]);
    expect(network.releases.filter(({ witness }) => witness === 'witness-1').length).toBeGreaterThan(1);
  });

  it('rebuilds nothing without the sheet, and names the dealer that has lost it', async () => {
    const bundle = newDealtBundle({ streams: 2 });
    const dealings = bundle.dealings.map((dealt) => {
      const deliveries = new Map(
        [...dealt.deliveries].map(([holder, delivery]) => [holder, { ...delivery, sheet: new Uint8Array() }]),
      );
      return dealt.context.dealer === 'dealer-1' ? { ...dealt, deliveries } : dealt;
    });
    const outcome = new Outcome();
    const network = new SimulatedNetwork(INITIATOR, { ...bundle, dealings });
    await expect(collectInto(outcome, bundle, network)).rejects.toMatchObject({
      code: 'ENVELOPE_MISMATCH',
      details: { dealer: 'dealer-1' },
    });
    expect(outcome.keys.size).toBe(0);
  });

  it('says which witnesses are silent when too few answer', async () => {
    const bundle = newDealtBundle({ streams: 4, witnesses: 2, count: 2, quorum: 2 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'down');
    await expect(collect(bundle, network, { bounds: { deadlineMs: 200 } })).rejects.toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      details: { silent: ['witness-1'], streams: ['0', '1', '2', '3'] },
    });
  });

  it('gives the streams their keys of which a witness sends shares, and names it where it keeps others back', async () => {
    const bundle = newDealtBundle({ streams: 4, witnesses: 2, count: 2, quorum: 2 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'one stream');
    const authorize = (): Promise<string> => {
      const permit = txIdOf(`permit ${network.permits.size}`);
      network.permits.add(permit);
      return Promise.resolve(permit);
    };
    const outcome = new Outcome();
    const collected = collectInto(outcome, bundle, network, { authorize, bounds: { deadlineMs: 200 } });
    await expect(collected).rejects.toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      details: { silent: ['witness-1'], streams: ['1', '2', '3'] },
    });
    expect([...outcome.keys.keys()]).toEqual([0]);
  });

  it('goes on when a silent witness is back within the deadline', async () => {
    const bundle = newDealtBundle({ streams: 2, witnesses: 2, count: 2, quorum: 2 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-2', 'down');
    const collected = collect(bundle, network);
    await network.asked(6);
    network.faults.delete('witness-2');
    expect((await collected).keys).toEqual(keysOf(bundle));
  });

  it('asks the ledger for a new permit when the old one is used, once', async () => {
    const bundle = newDealtBundle({ streams: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    await collect(bundle, network);
    let permits = 0;
    const authorize = (): Promise<string> => {
      permits += 1;
      const permit = txIdOf(`permit ${permits}`);
      network.permits.add(permit);
      return Promise.resolve(permit);
    };
    const { keys } = await collect(bundle, network, { authorize, bounds: { hedgeMs: 60_000 } });
    expect(keys).toEqual(keysOf(bundle));
    expect(permits).toBe(1);
  });

  it('does not ask for permits for ever', async () => {
    const bundle = newDealtBundle({ streams: 1, witnesses: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.permits.clear();
    let permits = 0;
    const authorize = (): Promise<string> => Promise.resolve(txIdOf(`permit ${(permits += 1)}`));
    await expect(collect(bundle, network, { authorize, bounds: { deadlineMs: 200 } })).rejects.toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
    });
    expect(permits).toBe(4);
  });

  it('ends a stream that ends meanwhile, and goes on with the others', async () => {
    const bundle = newDealtBundle({ streams: 2, witnesses: 2, count: 2 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('witness-1', 'down');
    const { bundleId } = bundle.view.bundle;
    const end: EndRecord = {
      bundleId,
      index: 0,
      reason: 'revoked',
      by: PROVIDER,
      txId: txIdOf('end'),
      atUnixMs: 1,
    };
    let view = bundle.view;
    const collected = collect(bundle, network, { view: () => view });
    await network.asked(3);
    view = { ...view, ends: [end] };
    network.faults.delete('witness-1');
    const { keys, failures } = await collected;
    expect([...keys.keys()]).toEqual([1]);
    expect(failures.get(0)).toMatchObject({ code: 'STREAM_ENDED', details: { reason: 'revoked' } });
  });

  it('names a dealer that hands over another envelope, or none', async () => {
    const bundle = newDealtBundle();
    const other = newDealtBundle({ nodes: bundle.nodes });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.bundles.set(bundle.view.bundle.bundleId, other);
    await expect(collect(bundle, network)).rejects.toMatchObject({
      code: 'ENVELOPE_MISMATCH',
      details: { dealer: expect.stringMatching(/^dealer-/) as string },
    });
    const lacking = new SimulatedNetwork(INITIATOR, bundle);
    lacking.faults.set('dealer-2', 'down');
    await expect(collect(bundle, lacking, { bounds: { deadlineMs: 50 } })).rejects.toMatchObject({
      code: 'PEER_UNAVAILABLE',
      details: { dealer: 'dealer-2' },
    });
  });

  it('asks witnesses while a dealer is slow, no more than else, and reads their answers once it has answered', async () => {
    const bundle = newDealtBundle({ streams: 3, witnesses: 4 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('dealer-2', new EkoError('NOT_FOUND', 'has not seen its dealing on the ledger'));
    const collected = collect(bundle, network);
    await network.asked(2);
    // Longer than the plan waits for a witness before it asks another.
    for (let turn = 0; turn < 5; turn += 1) await network.dealerAsked();
    network.faults.delete('dealer-2');
    expect((await collected).keys).toEqual(keysOf(bundle));
    const quick = new SimulatedNetwork(INITIATOR, bundle);
    await collect(bundle, quick, { bounds: { hedgeMs: 60_000 } });
    expect(network.releases).toHaveLength(quick.releases.length);
  });

  it('stops when its caller cancels', async () => {
    const bundle = newDealtBundle();
    const network = new SimulatedNetwork(INITIATOR, bundle);
    for (const nodeId of bundle.nodes.keys())
      if (nodeId.startsWith('witness')) network.faults.set(nodeId, 'silent');
    const stop = new AbortController();
    const collected = collect(bundle, network, { signal: stop.signal });
    await network.asked(2);
    stop.abort();
    await expect(collected).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses who is no party', () => {
    const { view } = newDealtBundle();
    expect(() => newCollectionTask({ channel: CHANNEL, view, epoch: 1, party: 'witness-1' })).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }) as Error,
    );
    expect(() => newCollectionTask({ channel: CHANNEL, view, epoch: 2, party: INITIATOR })).toThrow(
      expect.objectContaining({ code: 'BAD_STATE' }) as Error,
    );
  });
});
