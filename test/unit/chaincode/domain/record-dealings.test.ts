import { TRANSACTIONS, bundleTermsOf, recomputeSelection, type Roster } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { CHANNEL } from '../../../support/contracts/eko-ledger';
import {
  holdersOfDraw,
  newDealing,
  newRecordDealings,
  newVrfProof,
} from '../../../support/contracts/test-dealings';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import { updateOf } from '../../../support/contracts/registry-driver';
import { newHeldKeys, registrationKeys, signedUpdate } from '../../../support/contracts/test-node';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
  type AcceptedBundle,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

const submit = ({ assignment }: AcceptedBundle, argument: object) =>
  network.ledger.submit(leadOf(network, assignment).identity, TRANSACTIONS.recordDealings, argument);
const argumentFor = ({ bundle, assignment }: AcceptedBundle) =>
  newRecordDealings(network, bundle, assignment);
const dealerAt = ({ assignment }: AcceptedBundle, place: number) =>
  network.orchestrators.find(({ nodeId }) => nodeId === assignment.orchestrators[place])!;

describe('RecordDealings', () => {
  it('writes draw and dealings in one record, and nothing else', async () => {
    const accepted = await acceptedBundle(network);
    const { bundleId, bundle, assignment } = accepted;
    const argument = argumentFor(accepted);
    const outcome = succeeded(await submit(accepted, argument));
    const { record } = payloadOf(outcome, 'DealingsRecorded');
    const roster = network.ledger.recordAt('roster/witness') as Roster;
    expect(record).toEqual({
      ...argument,
      selection: recomputeSelection({
        channel: CHANNEL,
        bundle: bundleTermsOf(bundle),
        assignment,
        proofs: argument.proofs,
        vrfKey: (id) =>
          network.orchestrators.find(({ nodeId }) => nodeId === id)?.registration.keys.vrf?.publicKey,
        roster: roster.entries,
      }),
      by: assignment.orchestrators[0],
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    });
    expect(writesOf(outcome)).toEqual({ [`dealings/${bundleId}/1`]: record });
    expect(JSON.parse(outcome.result)).toEqual({ bundleId });
    expect(outcome.ranges).toEqual([]);
    expect(new Set(record.selection.witnesses).size).toBe(3);
  });

  it('reads one tombstone, and the next fence, so that an end or a reassignment overtakes it', async () => {
    const accepted = await acceptedBundle(network);
    const { bundleId } = accepted;
    const outcome = succeeded(await submit(accepted, argumentFor(accepted)));
    expect(outcome.reads.filter((key) => key.startsWith('end/'))).toEqual([`end/${bundleId}`]);
    expect(outcome.reads).toContain(`assignment/${bundleId}/1`);
  });

  it('takes effect once', async () => {
    const active = await activeBundle(network);
    expect((await submit(active, argumentFor(active))).error?.code).toBe('ALREADY_EXISTS');
  });

  it('is for an assigned orchestrator', async () => {
    const accepted = await acceptedBundle(network);
    const others = network.orchestrators.filter(
      ({ nodeId }) => !accepted.assignment.orchestrators.includes(nodeId),
    );
    for (const { identity } of [network.initiator, network.witnesses[0]!, ...others]) {
      const outcome = await network.ledger.submit(
        identity,
        TRANSACTIONS.recordDealings,
        argumentFor(accepted),
      );
      expect(outcome.error?.code).toBe('FORBIDDEN');
    }
  });

  it('refuses a bundle that is not accepted, has ended or is past its time, another epoch and another fence', async () => {
    const accepted = await acceptedBundle(network);
    const { bundle } = await requestBundle(network);
    const requested = { ...accepted, bundleId: bundle.bundleId, bundle };
    expect((await submit(accepted, argumentFor(requested))).error?.code).toBe('BAD_STATE');
    const argument = argumentFor(accepted);
    expect((await submit(accepted, { ...argument, epoch: 2 })).error?.code).toBe('BAD_STATE');
    expect((await submit(accepted, { ...argument, fence: 1 })).error?.code).toBe('FENCED');
    const late = await acceptedBundle(network);
    network.ledger.advance(600_000);
    expect((await submit(late, argumentFor(late))).error?.code).toBe('BAD_STATE');
    const end = { bundleId: accepted.bundleId, streams: 'all' };
    succeeded(await network.ledger.submit(network.initiator.identity, TRANSACTIONS.revokeStream, end));
    expect((await submit(accepted, argument)).error?.code).toBe('STREAM_ENDED');
  });

  it('refuses proofs that are not those of the assigned orchestrators, and names whose', async () => {
    const accepted = await acceptedBundle(network);
    const other = await acceptedBundle(network);
    const argument = argumentFor(accepted);
    const [first, second] = argument.proofs;
    const flipped = { ...first!, proof: `${first!.proof[0] === 'A' ? 'B' : 'A'}${first!.proof.slice(1)}` };
    const foreign = newVrfProof(dealerAt(accepted, 0), other.bundle, other.assignment);
    const borrowed = { ...second!, orchestrator: first!.orchestrator };
    for (const proofs of [
      [flipped, second],
      [foreign, second],
      [borrowed, second],
      [second, first],
      [first],
      [first, second, second],
    ]) {
      const { error } = await submit(accepted, { ...argument, proofs });
      expect(error?.code).toBe('BAD_PROOF');
    }
    const { error } = await submit(accepted, { ...argument, proofs: [flipped, second] });
    expect(error?.message).toContain(first!.orchestrator);
  });

  it('refuses dealings that are missing, misplaced, repeated or short of a holder', async () => {
    const accepted = await acceptedBundle(network);
    const argument = argumentFor(accepted);
    const [first, second] = argument.dealings;
    const place = {
      bundle: accepted.bundle,
      epoch: 1,
      fence: 0,
      holders: holdersOfDraw(network, accepted.bundle, accepted.assignment, argument.proofs),
    };
    const short = newDealing(dealerAt(accepted, 0), { ...place, holders: place.holders.slice(1) });
    const long = newDealing(dealerAt(accepted, 0), { ...place, holders: [...place.holders, 'nobody'] });
    for (const dealings of [
      [first],
      [first, second, second],
      [second, first],
      [first, { ...second!, dealingId: first!.dealingId }],
      [short, second],
      [long, second],
    ])
      expect((await submit(accepted, { ...argument, dealings })).error?.code).toBe('INVALID_COMMITMENTS');
  });

  it('refuses a dealing whose signature does not cover all of it, and names the dealer', async () => {
    const accepted = await acceptedBundle(network);
    const argument = argumentFor(accepted);
    const [first, second] = argument.dealings;
    const zeros = encodeBase64Url(new Uint8Array(32));
    const place = {
      bundle: accepted.bundle,
      epoch: 1,
      fence: 1,
      holders: holdersOfDraw(network, accepted.bundle, accepted.assignment, argument.proofs),
    };
    for (const changed of [
      { ...second!, sheetHash: zeros },
      { ...second!, envelopes: second!.envelopes.with(2, zeros) },
      { ...second!, dealingId: encodeBase64Url(new Uint8Array(16)) },
      { ...second!, signature: first!.signature },
      newDealing(dealerAt(accepted, 1), place),
      newDealing(dealerAt(accepted, 1), { ...place, fence: 0, epoch: 2 }),
    ]) {
      const { error } = await submit(accepted, { ...argument, dealings: [first, changed] });
      expect(error?.code).toBe('BAD_SIGNATURE');
      expect(error?.message).toContain(second!.dealer);
    }
  });

  it('refuses a proof under a key that was registered after the request', async () => {
    const fresh = await newTestNetwork();
    const accepted = await acceptedBundle(fresh);
    const lead = leadOf(fresh, accepted.assignment);
    const { nodeId } = lead;
    const held = await newHeldKeys(nodeId, 'orchestrator');
    const keys = registrationKeys(nodeId, lead.identity, held);
    const signed = signedUpdate(updateOf(lead, { keys }), lead);
    succeeded(await fresh.ledger.submit(lead.identity, TRANSACTIONS.updateNode, signed));
    const rekeyed = { ...lead, ...held, registration: { ...lead.registration, keys } };
    const orchestrators = fresh.orchestrators.map((node) => (node.nodeId === nodeId ? rekeyed : node));
    const argument = newRecordDealings({ ...fresh, orchestrators }, accepted.bundle, accepted.assignment);
    const { error } = await fresh.ledger.submit(lead.identity, TRANSACTIONS.recordDealings, argument);
    expect(error?.code).toBe('BAD_PROOF');
    expect(error?.message).toContain(nodeId);
  });

  it('draws from the witnesses of the request, whoever has left or changed since', async () => {
    const fresh = await newTestNetwork();
    const { ledger } = fresh;
    const accepted = await acceptedBundle(fresh);
    const argument = newRecordDealings(fresh, accepted.bundle, accepted.assignment);
    const before = holdersOfDraw(fresh, accepted.bundle, accepted.assignment, argument.proofs);
    const [leaving, changing] = fresh.witnesses.filter(({ nodeId }) => before.includes(nodeId));
    const { nodeId } = leaving!;
    succeeded(await ledger.submit(leaving!.identity, TRANSACTIONS.retireNode, { nodeId }));
    const moved = signedUpdate(updateOf(changing!, { zone: 'elsewhere' }), changing!);
    succeeded(await ledger.submit(changing!.identity, TRANSACTIONS.updateNode, moved));
    const administrator = await ledger.identity({ mspId: changing!.mspId, name: 'admin', ou: 'admin' });
    const version = { nodeId: changing!.nodeId, keyEpoch: 2 };
    succeeded(await ledger.submit(administrator, TRANSACTIONS.approveNode, version));
    const lead = leadOf(fresh, accepted.assignment);
    const outcome = succeeded(await ledger.submit(lead.identity, TRANSACTIONS.recordDealings, argument));
    const { selection } = payloadOf(outcome, 'DealingsRecorded').record;
    expect(['initiator', 'provider', ...selection.witnesses]).toEqual(before);
    const later = await acceptedBundle(fresh, {
      policy: { witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 3 } },
    });
    const { proofs } = newRecordDealings(fresh, later.bundle, later.assignment);
    expect(holdersOfDraw(fresh, later.bundle, later.assignment, proofs)).not.toContain(nodeId);
  });
});
