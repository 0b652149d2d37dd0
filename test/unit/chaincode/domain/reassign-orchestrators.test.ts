import { LIMITS } from '@eko/protocol';
import {
  TRANSACTIONS,
  recomputeAssignment,
  type AcceptanceRecord,
  type AssignmentRecord,
} from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { CHANNEL } from '../../../support/contracts/eko-ledger';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, register, type TestNetwork } from '../../../support/contracts/test-network';
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
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork({ orchestrators: 4, witnesses: 3 });
});

const reassign = (
  { bundleId, fence }: Pick<AssignmentRecord, 'bundleId' | 'fence'>,
  as: Pick<TestNode, 'identity'> = network.initiator,
) => network.ledger.submit(as.identity, TRANSACTIONS.reassignOrchestrators, { bundleId, fence });
/** Lets a lease run out and asks for the next set. */
const next = async (assignment: AssignmentRecord): Promise<AssignmentRecord> => {
  network.ledger.advance(LIMITS.replacedAfterMs);
  const outcome = succeeded(await reassign(assignment));
  return payloadOf(outcome, 'OrchestratorsReassigned').assignment;
};
const bystander = ({ orchestrators }: AssignmentRecord) =>
  network.orchestrators.find(({ nodeId }) => !orchestrators.includes(nodeId))!;
const setOf = ({ orchestrators }: AssignmentRecord) =>
  orchestrators.map((nodeId) => network.orchestrators.find((node) => node.nodeId === nodeId)!);

describe('ReassignOrchestrators', () => {
  it('writes the next set, which follows from the ledger, and who held the lease; nothing else', async () => {
    const { bundleId, bundle, assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.replacedAfterMs);
    const outcome = succeeded(await reassign(assignment));
    const { assignment: second } = payloadOf(outcome, 'OrchestratorsReassigned');
    const acceptance = network.ledger.recordAt(`acceptance/${bundleId}`) as AcceptanceRecord;
    const earlier = [setOf(assignment)];
    const candidates = network.orchestrators;
    expect(second).toEqual({
      bundleId,
      ...recomputeAssignment({ channel: CHANNEL, bundle, acceptance, candidates, earlier }),
      heldBy: assignment.orchestrators,
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    });
    expect([second.fence, second.seed]).toEqual([1, assignment.seed]);
    expect(writesOf(outcome)).toEqual({ [`assignment/${bundleId}/1`]: second });
    expect(JSON.parse(outcome.result)).toEqual({ assignment: second });
  });

  it('takes no name of anybody', async () => {
    const { bundleId, assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.replacedAfterMs);
    const overdue = assignment.orchestrators;
    const { identity } = network.initiator;
    const argument = { bundleId, fence: 0, overdue };
    const outcome = await network.ledger.submit(identity, TRANSACTIONS.reassignOrchestrators, argument);
    expect(outcome.error?.code).toBe('INVALID_ARGUMENT');
  });

  it('is open to the parties and to any active orchestrator', async () => {
    const { assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.replacedAfterMs);
    const stranger = await newTestNode(network.ledger, {
      nodeId: 'stranger',
      role: 'party',
      mspId: 'Org3MSP',
    });
    await register(network.ledger, stranger);
    for (const other of [network.witnesses[0], stranger])
      expect((await reassign(assignment, other)).error?.code).toBe('FORBIDDEN');
    succeeded(await reassign(assignment, bystander(assignment)));
  });

  it('waits for the consent, and for the lease that runs from it', async () => {
    const { bundleId, bundle } = await requestBundle(network);
    network.ledger.advance(LIMITS.replacedAfterMs);
    expect((await reassign({ bundleId, fence: 0 })).error?.code).toBe('BAD_STATE');
    const assignment = await acceptBundle(network, bundle);
    network.ledger.advance(LIMITS.replacedAfterMs - 1);
    expect((await reassign(assignment)).error?.code).toBe('NOT_OVERDUE');
    network.ledger.advance(1);
    const { assignment: second } = payloadOf(
      succeeded(await reassign(assignment)),
      'OrchestratorsReassigned',
    );
    expect((await reassign(second)).error?.code).toBe('NOT_OVERDUE');
  });

  it('takes no time that is ahead of the peers’ clocks, or behind them', async () => {
    const { bundleId, assignment } = await acceptedBundle(network);
    const { ledger } = network;
    const requestedAtUnixMs = ledger.nowUnixMs;
    const reassignAt = (stampMs: number, peerMs: number) => {
      ledger.nowUnixMs = requestedAtUnixMs + stampMs;
      ledger.peerAheadMs = peerMs - stampMs;
      return reassign(assignment, bystander(assignment));
    };
    for (const stampMs of [1, 2, 3, 4, 5, 6].map((leases) => leases * LIMITS.replacedAfterMs)) {
      expect((await reassignAt(stampMs, 0)).error?.code).toBe('CLOCK_SKEW');
      expect((await reassignAt(stampMs, LIMITS.clockSkewMs + stampMs)).error?.code).toBe('CLOCK_SKEW');
    }
    expect(
      (await reassignAt(LIMITS.replacedAfterMs, LIMITS.replacedAfterMs - LIMITS.leaseSkewMs - 1)).error?.code,
    ).toBe('CLOCK_SKEW');
    expect(
      (await reassignAt(LIMITS.replacedAfterMs, LIMITS.replacedAfterMs + LIMITS.leaseSkewMs + 1)).error?.code,
    ).toBe('CLOCK_SKEW');
    expect(ledger.recordAt(`assignment/${bundleId}/1`)).toBeUndefined();
    succeeded(await reassignAt(LIMITS.replacedAfterMs, LIMITS.replacedAfterMs + LIMITS.leaseSkewMs));
  });

  it('leaves every set its whole lease of the peers’ time, whatever a submitter says of the time', async () => {
    const { assignment } = await acceptedBundle(network);
    const { ledger } = network;
    // As early as it can be for whoever replaces the first set: the submitter's clock is behind the peers' by the limit.
    ledger.advance(LIMITS.replacedAfterMs);
    ledger.peerAheadMs = LIMITS.leaseSkewMs;
    const behind = succeeded(await reassign(assignment));
    const { assignment: second } = payloadOf(behind, 'OrchestratorsReassigned');
    const peersAtUnixMs = ledger.nowUnixMs + ledger.peerAheadMs;
    // Then it is ahead by the limit, just before the peers' clocks have gone through a lease.
    ledger.peerAheadMs = -LIMITS.leaseSkewMs;
    ledger.nowUnixMs = peersAtUnixMs + LIMITS.assignmentLeaseMs - 1 + LIMITS.leaseSkewMs;
    expect((await reassign(second)).error?.code).toBe('NOT_OVERDUE');
    ledger.advance(1);
    succeeded(await reassign(second));
  });

  it('works where peers and orchestrators differ by two seconds, as assumed', async () => {
    for (const peerAheadMs of [2_000, -2_000]) {
      const { assignment } = await acceptedBundle(network);
      network.ledger.advance(LIMITS.replacedAfterMs);
      network.ledger.peerAheadMs = peerAheadMs;
      succeeded(await reassign(assignment));
    }
  });

  it('refuses an old fence, an unknown, an active and an ended bundle', async () => {
    const { assignment } = await acceptedBundle(network);
    const active = await activeBundle(network);
    const ended = await acceptedBundle(network);
    const end = { bundleId: ended.bundleId, streams: 'all' };
    succeeded(await network.ledger.submit(network.provider.identity, TRANSACTIONS.revokeStream, end));
    network.ledger.advance(LIMITS.replacedAfterMs);
    expect((await reassign(active.assignment)).error?.code).toBe('BAD_STATE');
    expect((await reassign(ended.assignment)).error?.code).toBe('STREAM_ENDED');
    expect((await reassign({ bundleId: randomUUID(), fence: 0 })).error?.code).toBe('NOT_FOUND');
    succeeded(await reassign(assignment));
    network.ledger.advance(LIMITS.replacedAfterMs);
    expect((await reassign(assignment)).error?.code).toBe('FENCED');
    expect((await reassign({ ...assignment, fence: 2 })).error?.code).toBe('FENCED');
  });

  it('ends with the last fence, whose set then stays', async () => {
    const { bundleId, assignment } = await acceptedBundle(network);
    const second = await next(assignment);
    const last = await next(second);
    expect([second.fence, last.fence, LIMITS.fences]).toEqual([1, 2, 3]);
    network.ledger.advance(LIMITS.replacedAfterMs);
    expect((await reassign(last)).error?.code).toBe('BAD_STATE');
    expect(network.ledger.recordAt(`end/${bundleId}`)).toBeUndefined();
  });

  it('never chooses who came, or changed its vrf key, after the request', async () => {
    const { assignment } = await acceptedBundle(network);
    const rested = network.orchestrators.filter(({ nodeId }) => !assignment.orchestrators.includes(nodeId));
    const rekeyed = rested[0]!;
    const held = await newHeldKeys(rekeyed.nodeId, 'orchestrator');
    const update = updateOf(rekeyed, { keys: registrationKeys(rekeyed.nodeId, rekeyed.identity, held) });
    const signed = signedUpdate(update, rekeyed);
    succeeded(await network.ledger.submit(rekeyed.identity, TRANSACTIONS.updateNode, signed));
    const late = { nodeId: 'late', role: 'orchestrator', mspId: 'Org4MSP' } as const;
    await register(network.ledger, await newTestNode(network.ledger, late));
    for (const { orchestrators } of [await next(assignment)]) {
      expect(orchestrators).not.toContain('late');
      expect(orchestrators).not.toContain(rekeyed.nodeId);
    }
  });

  it('leaves the present set where a next one would have fewer organisations', async () => {
    const three = await newTestNetwork({ orchestrators: 3, witnesses: 3 });
    const { ledger, orchestrators, initiator } = three;
    const { assignment } = await acceptedBundle(three);
    const { bundleId } = assignment;
    for (const { nodeId, identity } of orchestrators.slice(0, 2))
      succeeded(await ledger.submit(identity, TRANSACTIONS.retireNode, { nodeId }));
    ledger.advance(LIMITS.replacedAfterMs);
    const argument = { bundleId, fence: 0 };
    const outcome = await ledger.submit(initiator.identity, TRANSACTIONS.reassignOrchestrators, argument);
    expect(outcome.error?.code).toBe('POLICY_UNSATISFIABLE');
    expect(ledger.recordAt(`end/${bundleId}`)).toBeUndefined();
  });

  it('makes dealings invalid that were endorsed under the fence before', async () => {
    const { bundle, assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.replacedAfterMs);
    const lead = leadOf(network, assignment);
    const dealings = newRecordDealings(network, bundle, assignment);
    const late = await network.ledger.prepare(lead.identity, TRANSACTIONS.recordDealings, dealings);
    succeeded(await reassign(assignment));
    expect(late.commit().commitCode).toBe('MVCC_READ_CONFLICT');
    const outcome = await network.ledger.submit(lead.identity, TRANSACTIONS.recordDealings, dealings);
    expect(outcome.error?.code).toBe('FENCED');
  });
});
