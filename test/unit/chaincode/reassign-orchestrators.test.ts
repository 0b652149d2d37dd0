import { LIMITS, TRANSACTIONS, type AssignmentRecord } from '@eko/protocol';
import { randomUUID } from 'node:crypto';
import { newRecordDealings } from '../../support/chaincode/test-dealings';
import { newTestNetwork, register, type TestNetwork } from '../../support/chaincode/test-network';
import { newSeeds, newTestNode, registrationKeys } from '../../support/chaincode/test-node';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../support/chaincode/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork({ orchestrators: 4, witnesses: 3 });
});

const reassign = (
  assignment: Pick<AssignmentRecord, 'bundleId' | 'fence'>,
  overdue: readonly string[],
  as = network.initiator,
) =>
  network.ledger.submit(as.identity, TRANSACTIONS.reassignOrchestrators, {
    bundleId: assignment.bundleId,
    fence: assignment.fence,
    overdue,
  });

describe('ReassignOrchestrators', () => {
  it('writes the next assignment without those who fell silent, and nothing else', async () => {
    const { bundleId, assignment } = await acceptedBundle(network);
    const [silent] = assignment.orchestrators;
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const outcome = succeeded(await reassign(assignment, [silent!]));
    const next = payloadOf(outcome, 'OrchestratorsReassigned').assignment;
    expect(next).toMatchObject({ bundleId, fence: 1, replaced: [silent], txId: outcome.txId });
    expect(next.orchestrators).toHaveLength(2);
    expect(next.orchestrators).not.toContain(silent);
    expect(writesOf(outcome)).toEqual({ [`assignment/${bundleId}/1`]: next });
    expect(JSON.parse(outcome.result)).toEqual({ assignment: next });
  });

  it('is open to the parties and to any active orchestrator', async () => {
    const { assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const overdue = assignment.orchestrators;
    expect((await reassign(assignment, overdue, network.witnesses[0])).error?.code).toBe('FORBIDDEN');
    const bystander = network.orchestrators.find(({ nodeId }) => !overdue.includes(nodeId));
    succeeded(await reassign(assignment, overdue, bystander));
  });

  it('waits for the lease, which runs from the consent where that came later', async () => {
    const { bundleId, assignment } = await requestBundle(network);
    const overdue = assignment.orchestrators;
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    expect((await reassign(assignment, overdue)).error?.code).toBe('BAD_STATE');
    succeeded(
      await network.ledger.submit(network.provider.identity, TRANSACTIONS.acceptStream, { bundleId }),
    );
    network.ledger.advance(LIMITS.assignmentLeaseMs - 1);
    expect((await reassign(assignment, overdue)).error?.code).toBe('NOT_OVERDUE');
    network.ledger.advance(1);
    const next = payloadOf(
      succeeded(await reassign(assignment, overdue)),
      'OrchestratorsReassigned',
    ).assignment;
    expect((await reassign(next, next.orchestrators)).error?.code).toBe('NOT_OVERDUE');
  });

  it('takes no time that is ahead of the peers’ clocks, or behind them', async () => {
    const { bundleId, assignment } = await acceptedBundle(network);
    const { ledger, orchestrators } = network;
    const bystander = orchestrators.find(({ nodeId }) => !assignment.orchestrators.includes(nodeId))!;
    const requestedAtUnixMs = ledger.nowUnixMs;
    const reassignAt = (stampMs: number, peerMs: number) => {
      ledger.nowUnixMs = requestedAtUnixMs + stampMs;
      ledger.peerAheadMs = peerMs - stampMs;
      return reassign(assignment, assignment.orchestrators, bystander);
    };
    for (const stampMs of [1, 2, 3, 4, 5, 6].map((leases) => leases * LIMITS.assignmentLeaseMs)) {
      expect((await reassignAt(stampMs, 0)).error?.code).toBe('CLOCK_SKEW');
      expect((await reassignAt(stampMs, LIMITS.clockSkewMs + stampMs)).error?.code).toBe('CLOCK_SKEW');
    }
    const due = LIMITS.assignmentLeaseMs;
    expect((await reassignAt(due, due - LIMITS.leaseSkewMs - 1)).error?.code).toBe('CLOCK_SKEW');
    expect((await reassignAt(due, due + LIMITS.leaseSkewMs + 1)).error?.code).toBe('CLOCK_SKEW');
    expect(ledger.recordAt(`assignment/${bundleId}/1`)).toBeUndefined();
    succeeded(await reassignAt(due, due + LIMITS.leaseSkewMs));
  });

  it('leaves every assignment some time, whatever a submitter says of the time', async () => {
    const { assignment } = await acceptedBundle(network);
    const { ledger } = network;
    ledger.advance(LIMITS.assignmentLeaseMs);
    ledger.peerAheadMs = LIMITS.leaseSkewMs;
    const behind = succeeded(await reassign(assignment, assignment.orchestrators));
    const next = payloadOf(behind, 'OrchestratorsReassigned').assignment;
    // The peers' clocks stand still, and the submitter's goes from one edge of what they allow to the other.
    ledger.advance(2 * LIMITS.leaseSkewMs);
    ledger.peerAheadMs = -LIMITS.leaseSkewMs;
    expect((await reassign(next, next.orchestrators)).error?.code).toBe('NOT_OVERDUE');
  });

  it('works where peers and orchestrators differ by two seconds, as assumed', async () => {
    for (const peerAheadMs of [2_000, -2_000]) {
      const { assignment } = await acceptedBundle(network);
      network.ledger.advance(LIMITS.assignmentLeaseMs);
      network.ledger.peerAheadMs = peerAheadMs;
      succeeded(await reassign(assignment, assignment.orchestrators));
    }
  });

  it('refuses an old fence, a node that is not assigned, an unknown, an active and an ended bundle', async () => {
    const { assignment } = await acceptedBundle(network);
    const overdue = assignment.orchestrators;
    const active = await activeBundle(network);
    const ended = await acceptedBundle(network);
    const end = { bundleId: ended.bundleId, streams: 'all' };
    succeeded(await network.ledger.submit(network.provider.identity, TRANSACTIONS.revokeStream, end));
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const stranger = network.orchestrators.find(({ nodeId }) => !overdue.includes(nodeId))!.nodeId;
    expect((await reassign(assignment, [stranger])).error?.code).toBe('INVALID_ARGUMENT');
    expect((await reassign(active.assignment, active.assignment.orchestrators)).error?.code).toBe(
      'BAD_STATE',
    );
    expect((await reassign(ended.assignment, ended.assignment.orchestrators)).error?.code).toBe(
      'STREAM_ENDED',
    );
    expect((await reassign({ bundleId: randomUUID(), fence: 0 }, overdue)).error?.code).toBe('NOT_FOUND');
    succeeded(await reassign(assignment, overdue));
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    expect((await reassign(assignment, overdue)).error?.code).toBe('FENCED');
    expect((await reassign({ ...assignment, fence: 2 }, overdue)).error?.code).toBe('FENCED');
  });

  it('keeps overdue ones where the others are too few, and ends the bundle after the last fence', async () => {
    const accepted = await acceptedBundle(network);
    let current = accepted.assignment;
    for (let fence = 1; fence < LIMITS.fences; fence += 1) {
      network.ledger.advance(LIMITS.assignmentLeaseMs);
      const outcome = succeeded(await reassign(current, current.orchestrators));
      current = payloadOf(outcome, 'OrchestratorsReassigned').assignment;
      expect(current.fence).toBe(fence);
      expect(new Set(current.orchestrators).size).toBe(2);
    }
    expect(current.replaced).toHaveLength(4);
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const last = succeeded(await reassign(current, current.orchestrators));
    const { ends } = payloadOf(last, 'StreamsEnded');
    expect(ends).toMatchObject([{ bundleId: accepted.bundleId, reason: 'failed', by: 'initiator' }]);
    expect(writesOf(last)).toEqual({ [`end/${accepted.bundleId}`]: ends[0] });
  });

  it('never chooses who came, or changed its vrf key, after the request', async () => {
    const { assignment } = await acceptedBundle(network);
    const rested = network.orchestrators.filter(({ nodeId }) => !assignment.orchestrators.includes(nodeId));
    const rekeyed = rested[0]!;
    const keys = await registrationKeys(rekeyed.nodeId, rekeyed.identity, newSeeds('orchestrator'));
    const { nodeId, endpoint } = rekeyed.registration;
    succeeded(
      await network.ledger.submit(rekeyed.identity, TRANSACTIONS.updateNode, {
        nodeId,
        endpoint,
        keys,
        keyEpoch: 1,
      }),
    );
    const late = await newTestNode(network.ledger, {
      nodeId: 'late',
      role: 'orchestrator',
      mspId: 'Org3MSP',
    });
    await register(network.ledger, late);
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const outcome = succeeded(await reassign(assignment, assignment.orchestrators));
    const next = payloadOf(outcome, 'OrchestratorsReassigned').assignment;
    expect(next.orchestrators).toContain(rested[1]!.nodeId);
    expect(next.orchestrators).not.toContain('late');
    expect(next.orchestrators).not.toContain(rekeyed.nodeId);
  });

  it('makes dealings invalid that were endorsed under the fence before', async () => {
    const { bundle, assignment } = await acceptedBundle(network);
    network.ledger.advance(LIMITS.assignmentLeaseMs);
    const lead = leadOf(network, assignment);
    const dealings = newRecordDealings(network, bundle, assignment);
    const late = await network.ledger.prepare(lead.identity, TRANSACTIONS.recordDealings, dealings);
    succeeded(await reassign(assignment, [lead.nodeId]));
    expect(late.commit().commitCode).toBe('MVCC_READ_CONFLICT');
    const outcome = await network.ledger.submit(lead.identity, TRANSACTIONS.recordDealings, dealings);
    expect(outcome.error?.code).toBe('FENCED');
  });
});
