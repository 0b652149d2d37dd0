import { VrfMemory, deriveVrfPublicKey, nobleVrfCurve, type VrfCurve } from '@eko/protocol/crypto';
import { VrfProver } from '../../../../network/orchestrator/src/service/vrf-prover';
import { CHANNEL, DealerHarness } from '../../../support/simulated/dealer-harness';

const LEAD = 'orchestrator-a';
const PROVER = 'orchestrator-b';
const NEVER = new AbortController().signal;

describe('a prover', () => {
  it('makes one proof for a bundle, on the curve that it is given', async () => {
    const harness = await DealerHarness.open();
    const { bundle } = harness.state;
    const vrfSeed = harness.registry.vrfSeeds.get(PROVER)!;
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
      book: harness.book,
      vrfSeed,
      curve,
      vrfKey: deriveVrfPublicKey(vrfSeed),
      memory: new VrfMemory(8),
      nowUnixMs: () => harness.nowUnixMs,
      eventWaitMs: 0,
      yieldToEventLoop: () => Promise.resolve(),
    });
    prover.prepare(harness.state);
    const request = { bundleId: bundle.bundleId, fence: 0 };
    const proof = await prover.prove(LEAD, request, NEVER);
    expect(proof).toEqual(harness.registry.proofs(bundle, [PROVER])[0]);
    expect(await prover.prove(LEAD, request, NEVER)).toEqual(proof);
    // The key's scalar and the nonce, which the curve's user wipes.
    expect(scalars).toEqual([new Uint8Array(32), new Uint8Array(32)]);
  });

  it('makes another proof for each assignment', async () => {
    const harness = await DealerHarness.open();
    const { bundle, assignment } = harness.state;
    const vrfSeed = harness.registry.vrfSeeds.get(PROVER)!;
    const prover = new VrfProver({
      nodeId: PROVER,
      channel: CHANNEL,
      book: harness.book,
      vrfSeed,
      curve: nobleVrfCurve,
      vrfKey: deriveVrfPublicKey(vrfSeed),
      memory: new VrfMemory(8),
      nowUnixMs: () => harness.nowUnixMs,
      eventWaitMs: 0,
      yieldToEventLoop: () => Promise.resolve(),
    });
    const first = await prover.prove(LEAD, { bundleId: bundle.bundleId, fence: 0 }, NEVER);
    const next = { ...assignment, fence: 1 };
    harness.book.set(bundle.bundleId, { ...harness.state, assignment: next });
    const second = await prover.prove(LEAD, { bundleId: bundle.bundleId, fence: 1 }, NEVER);
    expect(second).toEqual(harness.registry.proofs(bundle, [PROVER], next)[0]);
    expect(second).not.toEqual(first);
  });
});
