import { EkoError } from '@eko/protocol';
import { NODE_ROUTES } from '@eko/protocol/rest';
import { type VrfProof } from '@eko/protocol/ledger';
import { LeadRunner } from '../../../../network/orchestrator/src/service/lead-runner';
import { DealerHarness, ORCHESTRATORS } from '../../../support/simulated/dealer-harness';

const LEAD = 'orchestrator-a';
const PEER = 'orchestrator-b';

/** A lead whose peer answers every call with `BAD_PROOF` and these details. */
async function leadWithAccuser(details: Readonly<Record<string, string>>) {
  const harness = await DealerHarness.open();
  const routes: string[] = [];
  const leads = new LeadRunner({
    nodeId: LEAD,
    ledger: { channel: 'trade', submit: () => Promise.reject(new Error('nothing is submitted')) },
    registry: harness.registry,
    peers: {
      call: ({ route }) => {
        routes.push(route);
        return Promise.reject(new EkoError('BAD_PROOF', 'The proof does not hold', { details }));
      },
    },
    verify: () => true,
    dealer: harness.dealer({ nodeId: LEAD }),
    prove: () => Promise.reject(new Error('nothing is proved')),
    observer: harness.observer,
    proofMs: 1_000,
    dealingMs: 1_000,
    submitMs: 1_000,
  });
  const requestDealing = (peer: string, proofs: readonly VrfProof[]) =>
    leads.perform(harness.state, { kind: 'requestDealing', attempt: 1, peer, fence: 0, epoch: 1, proofs });
  const requestProof = (peer: string) =>
    leads.perform(harness.state, { kind: 'requestProof', attempt: 1, peer, fence: 0 });
  return { harness, routes, requestDealing, requestProof };
}

/** The proofs of both, of which that of `nodeId` is not its own. */
function withBadProof(harness: DealerHarness, nodeId: string): VrfProof[] {
  const proofs = harness.registry.proofs(harness.state.bundle);
  const other = proofs.find(({ orchestrator }) => orchestrator !== nodeId);
  return proofs.map((proof) =>
    proof.orchestrator === nodeId ? { ...proof, proof: other?.proof ?? '' } : proof,
  );
}

describe('a lead whose peer says that a proof is bad', () => {
  it.each(['orchestrator-c', LEAD])('does not believe that %s made it', async (accused) => {
    const { harness, routes, requestDealing } = await leadWithAccuser({ orchestrator: accused });
    const event = await requestDealing(PEER, harness.registry.proofs(harness.state.bundle));
    expect(routes).toEqual([NODE_ROUTES.deal]);
    expect(event).toEqual({ kind: 'peerFailed', attempt: 1, peer: PEER, code: 'BAD_PROOF' });
    expect(harness.observer.lines).toEqual([`peer failed ${PEER} BAD_PROOF`]);
  });

  it('does not believe it of anybody before there are proofs', async () => {
    const { requestProof } = await leadWithAccuser({ orchestrator: LEAD });
    expect(await requestProof(PEER)).toMatchObject({ kind: 'peerFailed', peer: PEER });
  });

  it('names who made a proof that is bad, and not the peer that it shows at', async () => {
    const { harness, requestDealing } = await leadWithAccuser({ orchestrator: 'orchestrator-c' });
    expect(await requestDealing(PEER, withBadProof(harness, LEAD))).toMatchObject({
      kind: 'peerFailed',
      peer: LEAD,
    });
  });

  it.each(ORCHESTRATORS)('names %s where its own dealer finds the bad proof', async (nodeId) => {
    const { harness, routes, requestDealing } = await leadWithAccuser({});
    expect(await requestDealing(LEAD, withBadProof(harness, nodeId))).toMatchObject({
      kind: 'peerFailed',
      peer: nodeId,
      code: 'BAD_PROOF',
    });
    expect(routes).toEqual([]);
  });
});
