import { VrfMemory, deriveVrfPublicKey, nobleVrfCurve, type VrfCurve } from '@eko/protocol/crypto';
import { VrfProver } from '../../../network/orchestrator/src/service/vrf-prover';
import { CHANNEL, DealerWorld } from '../../support/orchestrator/dealer-world';

const LEAD = 'orchestrator-a';
const PROVER = 'orchestrator-b';
const NEVER = new AbortController().signal;

describe('a prover', () => {
  it('makes one proof for a bundle, on the curve that it is given', async () => {
    const world = await DealerWorld.open();
    const { bundle } = world.state;
    const vrfSeed = world.registry.vrfSeeds.get(PROVER)!;
    const scalars: Uint8Array[] = [];
    const curve: VrfCurve = {
      ...nobleVrfCurve,
      multiply: (scalar, point) => {
        scalars.push(scalar);
        return nobleVrfCurve.multiply(scalar, point);
      },
    };
    const prover = new VrfProver({
      nodeId: PROVER,
      channel: CHANNEL,
      book: world.book,
      vrfSeed,
      curve,
      vrfKey: deriveVrfPublicKey(vrfSeed),
      memory: new VrfMemory(8),
      nowUnixMs: () => world.nowUnixMs,
      eventWaitMs: 0,
      yieldToEventLoop: () => Promise.resolve(),
    });
    prover.prepare(world.state);
    const request = { bundleId: bundle.bundleId, fence: 0 };
    const proof = await prover.prove(LEAD, request, NEVER);
    expect(proof).toEqual(world.registry.proofs(bundle, [PROVER])[0]);
    expect(await prover.prove(LEAD, request, NEVER)).toEqual(proof);
    // The key's scalar and the nonce, which the curve's user wipes.
    expect(scalars).toEqual([new Uint8Array(32), new Uint8Array(32)]);
  });

  it('makes another proof for each assignment', async () => {
    const world = await DealerWorld.open();
    const { bundle, assignment } = world.state;
    const vrfSeed = world.registry.vrfSeeds.get(PROVER)!;
    const prover = new VrfProver({
      nodeId: PROVER,
      channel: CHANNEL,
      book: world.book,
      vrfSeed,
      curve: nobleVrfCurve,
      vrfKey: deriveVrfPublicKey(vrfSeed),
      memory: new VrfMemory(8),
      nowUnixMs: () => world.nowUnixMs,
      eventWaitMs: 0,
      yieldToEventLoop: () => Promise.resolve(),
    });
    const first = await prover.prove(LEAD, { bundleId: bundle.bundleId, fence: 0 }, NEVER);
    const next = { ...assignment, fence: 1 };
    world.book.set(bundle.bundleId, { ...world.state, assignment: next });
    const second = await prover.prove(LEAD, { bundleId: bundle.bundleId, fence: 1 }, NEVER);
    expect(second).toEqual(world.registry.proofs(bundle, [PROVER], next)[0]);
    expect(second).not.toEqual(first);
  });
});
