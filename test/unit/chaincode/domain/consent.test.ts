import { TRANSACTIONS, bundleTermsOf, recomputeAssignment } from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { CHANNEL } from '../../../support/contracts/eko-ledger';
import {
  newTestNetwork,
  register,
  standingOffer,
  type TestNetwork,
} from '../../../support/contracts/test-network';
import { updateOf } from '../../../support/contracts/registry-driver';
import {
  newHeldKeys,
  newTestNode,
  registrationKeys,
  signedUpdate,
  type TestNode,
} from '../../../support/contracts/test-node';
import {
  acceptBundle,
  acceptanceOf,
  activeBundle,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
  type RequestedBundle,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

const accept = ({ bundle }: Pick<RequestedBundle, 'bundle'>, as = network.provider) =>
  network.ledger.submit(as.identity, TRANSACTIONS.acceptStream, acceptanceOf(as, bundle));
const decline = (bundleId: string, as = network.provider, note?: string) =>
  network.ledger.submit(as.identity, TRANSACTIONS.declineStream, {
    bundleId,
    ...(note === undefined ? {} : { note }),
  });

describe('AcceptStream', () => {
  it('writes the acceptance and the first assignment, and nothing else', async () => {
    const { bundleId, bundle } = await requestBundle(network);
    const { proof } = acceptanceOf(network.provider, bundle);
    const outcome = succeeded(await accept({ bundle }));
    const at = { txId: outcome.txId, atUnixMs: network.ledger.nowUnixMs };
    const acceptance = { bundleId, by: 'provider', proof, ...at };
    const { channel, candidates } = { channel: CHANNEL, candidates: network.orchestrators };
    const assignment = {
      bundleId,
      ...recomputeAssignment({ channel, bundle, acceptance, candidates, earlier: [] }),
      ...at,
    };
    expect(writesOf(outcome)).toEqual({
      [`acceptance/${bundleId}`]: acceptance,
      [`assignment/${bundleId}/0`]: assignment,
    });
    expect(payloadOf(outcome, 'StreamsAccepted')).toEqual({
      acceptance,
      assignment,
      terms: bundleTermsOf(bundle),
    });
    expect(outcome.event?.payload).not.toContain('telemetry');
    expect(JSON.parse(outcome.result)).toEqual({ acceptance });
    expect(assignment).toMatchObject({ fence: 0, seed: expect.any(String) as string });
    expect(new Set(assignment.orchestrators).size).toBe(bundle.policy.dealers);
  });

  it('repeats its answer to the provider, without a write or an event', async () => {
    const { bundle } = await requestBundle(network);
    const first = succeeded(await accept({ bundle }));
    network.ledger.advance(1000);
    const again = succeeded(await accept({ bundle }));
    expect([again.result, again.writes, again.event]).toEqual([first.result, [], undefined]);
  });

  it('is for the provider of a bundle that exists and has not ended', async () => {
    const { bundleId, bundle } = await requestBundle(network);
    expect((await accept({ bundle }, network.initiator)).error?.code).toBe('FORBIDDEN');
    expect((await accept({ bundle: { ...bundle, bundleId: randomUUID() } })).error?.code).toBe('NOT_FOUND');
    succeeded(await decline(bundleId));
    expect((await accept({ bundle })).error?.code).toBe('STREAM_ENDED');
  });

  it('takes the one proof that the provider has for this request, by the key that it had at it', async () => {
    const fresh = await newTestNetwork();
    const { ledger, provider, initiator } = fresh;
    const { bundle } = await requestBundle(fresh);
    const other = await requestBundle(fresh);
    const { bundleId } = bundle;
    const held = await newHeldKeys(provider.nodeId, 'party');
    const proofs = [
      acceptanceOf(provider, other.bundle),
      acceptanceOf(initiator, bundle),
      acceptanceOf(held, bundle),
    ];
    const keys = registrationKeys(provider.nodeId, provider.identity, held);
    const update = signedUpdate(updateOf(provider, { keys }), provider);
    const submitted = async ({ proof }: { proof: string }) =>
      (await ledger.submit(provider.identity, TRANSACTIONS.acceptStream, { bundleId, proof })).error?.code;
    for (const wrong of proofs) expect(await submitted(wrong)).toBe('BAD_PROOF');
    succeeded(await ledger.submit(provider.identity, TRANSACTIONS.updateNode, update));
    for (const wrong of proofs) expect(await submitted(wrong)).toBe('BAD_PROOF');
    expect(await submitted(acceptanceOf(provider, bundle))).toBeUndefined();
    const later = await requestBundle(fresh);
    expect(later.bundle.providerVrf).toBe(keys.vrf?.publicKey);
  });

  it('assigns whoever was there at the request and still is, and refuses where they are too few', async () => {
    const fresh = await newTestNetwork();
    const { ledger, orchestrators } = fresh;
    const requested = await requestBundle(fresh);
    const both = await requestBundle(fresh);
    const late = await newTestNode(ledger, { nodeId: 'late', role: 'orchestrator', mspId: 'Org4MSP' });
    await register(ledger, late);
    const [gone, next] = orchestrators;
    const retire = ({ identity, nodeId }: TestNode) =>
      ledger.submit(identity, TRANSACTIONS.retireNode, { nodeId });
    succeeded(await retire(gone!));
    expect([...(await acceptBundle(fresh, requested.bundle)).orchestrators].sort()).toEqual(
      orchestrators.slice(1).map(({ nodeId }) => nodeId),
    );
    succeeded(await retire(next!));
    const { identity } = fresh.provider;
    const argument = acceptanceOf(fresh.provider, both.bundle);
    const refused = await ledger.submit(identity, TRANSACTIONS.acceptStream, argument);
    expect(refused.error?.code).toBe('POLICY_UNSATISFIABLE');
  });

  it('gives an organisation no more seats because all others changed their keys while the request waited', async () => {
    const fresh = await newTestNetwork({ orchestrators: 2 });
    const { ledger, orchestrators, provider } = fresh;
    const second = { nodeId: 'second', role: 'orchestrator', mspId: 'Org1MSP' } as const;
    await register(ledger, await newTestNode(ledger, second));
    const { bundle } = await requestBundle(fresh);
    const [, honest] = orchestrators;
    const held = await newHeldKeys(honest!.nodeId, 'orchestrator');
    const keys = registrationKeys(honest!.nodeId, honest!.identity, held);
    const update = signedUpdate(updateOf(honest!, { keys }), honest!);
    succeeded(await ledger.submit(honest!.identity, TRANSACTIONS.updateNode, update));
    const argument = acceptanceOf(provider, bundle);
    const outcome = await ledger.submit(provider.identity, TRANSACTIONS.acceptStream, argument);
    expect(outcome.error?.code).toBe('POLICY_UNSATISFIABLE');
    expect(outcome.error?.message).toContain('organisations');
    const again = await requestBundle(fresh);
    expect((await acceptBundle(fresh, again.bundle)).orchestrators).toContain(honest!.nodeId);
  });
});

describe('DeclineStream', () => {
  it('writes the tombstone of the bundle and nothing else', async () => {
    const { bundleId } = await requestBundle(network);
    const outcome = succeeded(await decline(bundleId, network.provider, 'not today'));
    const end = {
      bundleId,
      reason: 'declined',
      by: 'provider',
      note: 'not today',
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    };
    expect(writesOf(outcome)).toEqual({ [`end/${bundleId}`]: end });
    expect(payloadOf(outcome, 'StreamsEnded')).toEqual({ ends: [end] });
  });

  it('is for the provider, once, before it accepts, and without secrets', async () => {
    const { bundleId, bundle } = await requestBundle(network);
    expect((await decline(bundleId, network.initiator)).error?.code).toBe('FORBIDDEN');
    expect((await decline(bundleId, network.provider, 'token=abc')).error?.code).toBe('SECRET_IN_METADATA');
    succeeded(await accept({ bundle }));
    const refused = await decline(bundleId);
    expect(refused.error?.code).toBe('BAD_STATE');
    expect(refused.error?.message).toContain('accepted');
    const active = await activeBundle(network);
    expect((await decline(active.bundleId)).error?.code).toBe('BAD_STATE');
    const other = await requestBundle(network);
    succeeded(await decline(other.bundleId));
    expect((await decline(other.bundleId)).error?.code).toBe('STREAM_ENDED');
  });

  it('loses against an acceptance that was ordered before it, and the other way round', async () => {
    const { ledger, provider } = network;
    const { bundleId, bundle } = await requestBundle(network);
    const argument = acceptanceOf(provider, bundle);
    const accepting = await ledger.prepare(provider.identity, TRANSACTIONS.acceptStream, argument);
    const declining = await ledger.prepare(provider.identity, TRANSACTIONS.declineStream, { bundleId });
    expect([accepting.commit().commitCode, declining.commit().commitCode]).toEqual([
      'VALID',
      'MVCC_READ_CONFLICT',
    ]);
    const other = await requestBundle(network);
    const late = await ledger.prepare(
      provider.identity,
      TRANSACTIONS.acceptStream,
      acceptanceOf(provider, other.bundle),
    );
    succeeded(await decline(other.bundleId));
    expect(late.commit().commitCode).toBe('MVCC_READ_CONFLICT');
  });
});

describe('a bundle that a standing offer accepted', () => {
  it('is neither accepted nor declined once more', async () => {
    const { ledger, provider } = network;
    const { nodeId, identity } = provider;
    succeeded(await ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer: standingOffer() }));
    const { bundleId, bundle } = await requestBundle(network);
    expect((await accept({ bundle })).error?.code).toBe('BAD_STATE');
    expect((await decline(bundleId)).error?.code).toBe('BAD_STATE');
  });
});
