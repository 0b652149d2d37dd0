import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type NodeRecord } from '@eko/protocol/ledger';
import type { HarnessIdentity, HarnessOutcome } from '@eko/embedded-ledger';
import { RegistryDriver } from '../../../support/contracts/registry-driver';
import { newTestNetwork } from '../../../support/contracts/test-network';
import { vouchingAttributes, type TestNode } from '../../../support/contracts/test-node';
import { payloadOf, requestBundle, succeeded, writesOf } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

/** The attributes of a certificate whose authority vouches for nothing. */
const UNVOUCHED = {};

const registry = new RegistryDriver();
const recordOf = ({ nodeId }: TestNode) => registry.ledger.recordAt(`node/${nodeId}`) as NodeRecord;
const isInRoster = ({ nodeId }: TestNode) =>
  registry.rosterOf('witness').entries.some((entry) => entry.nodeId === nodeId && entry.left === undefined);
const decide = (
  as: HarnessIdentity,
  decision: 'approveNode' | 'rejectNode',
  { nodeId }: TestNode,
  keyEpoch = 1,
): Promise<HarnessOutcome> => registry.ledger.submit(as, TRANSACTIONS[decision], { nodeId, keyEpoch });
const retire = (as: HarnessIdentity, { nodeId }: TestNode): Promise<HarnessOutcome> =>
  registry.ledger.submit(as, TRANSACTIONS.retireNode, { nodeId });

describe('a node that nobody has vouched for', () => {
  it.each(['witness', 'orchestrator'] as const)('waits, as %s, and is in no roster', async (role) => {
    const before = registry.rosterOf(role);
    const node = await registry.newNode({ role, attributes: UNVOUCHED });
    const outcome = succeeded(await registry.register(node));
    expect(payloadOf(outcome, 'NodeRegistered').node.status).toBe('pending');
    expect(registry.rosterOf(role)).toEqual(before);
    expect(writesOf(outcome)).toMatchObject({ 'pending/Org1MSP': { count: expect.any(Number) as number } });
    expect(writesOf(outcome)).not.toHaveProperty(`roster/${role}`);
  });

  it('cannot have itself drawn: an initiator’s own dozen of witnesses are no candidates', async () => {
    const network = await newTestNetwork({ witnesses: 3 });
    const own = new RegistryDriver(network.ledger);
    for (let n = 0; n < 12; n += 1) await own.registered({ attributes: UNVOUCHED });
    const { bundle } = await requestBundle(network);
    expect(bundle.rosterVersion).toBe(3);
    const four = { count: 4, quorum: 2, witnessesCanVerify: false, maxPerOrg: 2 };
    const refused = requestBundle(network, { policy: { witnesses: four } });
    await expect(refused).rejects.toThrow('POLICY_UNSATISFIABLE');
  });

  it('gives no heartbeat, attests nothing and reassigns nobody', async () => {
    const node = await registry.registered({ role: 'orchestrator', attributes: UNVOUCHED });
    const { nodeId } = node;
    const beat = await registry.ledger.submit(node.identity, TRANSACTIONS.heartbeat, { nodeId });
    expect(beat.error?.code).toBe('BAD_STATE');
  });

  it.each(['itself', 'an administrator'])('still does none of that once retired by %s', async (by) => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ role: 'orchestrator', attributes: UNVOUCHED });
    const { nodeId } = node;
    const as = by === 'itself' ? node.identity : administrator;
    const outcome = succeeded(await retire(as, node));
    expect(payloadOf(outcome, 'NodeRetired').node.status).toBe('rejected');
    const beat = await registry.ledger.submit(node.identity, TRANSACTIONS.heartbeat, { nodeId });
    expect(beat.error?.code).toBe('BAD_STATE');
    expect(beat.writes).toEqual([]);
    expect((await decide(administrator, 'approveNode', node)).error?.code).toBe('BAD_STATE');
    expect((await registry.register(node)).error?.code).toBe('ALREADY_EXISTS');
  });

  it('takes part once an administrator of its own organisation has approved it', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ attributes: UNVOUCHED, zone: 'north', tags: ['hsm'] });
    const outcome = succeeded(await decide(administrator, 'approveNode', node));
    const { node: record } = payloadOf(outcome, 'NodeApproved');
    expect(record).toMatchObject({ status: 'active', keyEpoch: 1, zone: 'north', tags: ['hsm'] });
    expect(isInRoster(node)).toBe(true);
    expect((await decide(administrator, 'approveNode', node)).error?.code).toBe('BAD_STATE');
  });

  it('is approved by nobody else', async () => {
    const node = await registry.registered({ attributes: UNVOUCHED });
    const other = await registry.registered();
    const both = { mspId: 'Org1MSP', name: 'both', ou: 'client' } as const;
    const strangers = [
      node.identity,
      other.identity,
      await registry.administrator('Org2MSP'),
      await registry.ledger.identity({ mspId: 'Org1MSP', name: 'peer', ou: 'peer' }),
      await registry.ledger.identity({ ...both, attributes: { 'hf.Type': 'admin', role: 'admin' } }),
    ];
    for (const stranger of strangers)
      for (const decision of ['approveNode', 'rejectNode'] as const)
        expect((await decide(stranger, decision, node)).error?.code).toBe('FORBIDDEN');
    expect(recordOf(node).status).toBe('pending');
    expect(isInRoster(node)).toBe(false);
  });

  it('is approved as it was looked at, and not as it has changed since', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ attributes: UNVOUCHED, zone: 'north' });
    succeeded(await registry.update(node, { zone: 'south' }));
    expect((await decide(administrator, 'approveNode', node, 1)).error?.code).toBe('BAD_STATE');
    expect(recordOf(node)).toMatchObject({ status: 'pending', zone: 'south' });
    const { nodeId } = node;
    const approval = await registry.ledger.prepare(administrator, TRANSACTIONS.approveNode, {
      nodeId,
      keyEpoch: 2,
    });
    succeeded(await registry.update(node, { zone: 'west', keyEpoch: 2 }));
    expect(approval.commit().commitCode).toBe('MVCC_READ_CONFLICT');
  });

  it('is turned away for good by an administrator', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ attributes: UNVOUCHED });
    const before = registry.rosterOf('witness');
    const outcome = succeeded(await decide(administrator, 'rejectNode', node));
    expect(payloadOf(outcome, 'NodeRejected').node.status).toBe('rejected');
    for (const refused of [
      await decide(administrator, 'approveNode', node),
      await registry.update(node),
      await retire(node.identity, node),
      await retire(administrator, node),
    ])
      expect(refused.error?.code).toBe('BAD_STATE');
    expect((await registry.register(node)).error?.code).toBe('ALREADY_EXISTS');
    expect(registry.rosterOf('witness')).toEqual(before);
  });
});

describe('a certificate that vouches for its node', () => {
  it('saves the approval, for exactly the role, zone and tags that it names', async () => {
    const attributes = { 'eko.role': 'witness', 'eko.zone': 'north', 'eko.tags': 'hsm,tpm' };
    const cases = [
      [{ role: 'witness', zone: 'north', tags: ['tpm', 'hsm'] }, 'active'],
      [{ role: 'witness' }, 'active'],
      [{ role: 'witness', zone: 'south' }, 'pending'],
      [{ role: 'witness', zone: 'north', tags: ['hsm', 'audited'] }, 'pending'],
      [{ role: 'witness', tags: ['hsm,tpm'.slice(0, 3), 'tp'] }, 'pending'],
      [{ role: 'orchestrator', zone: 'north' }, 'pending'],
    ] as const;
    for (const [facts, status] of cases) {
      const { tags, ...rest } = { tags: undefined, ...facts };
      const given = tags === undefined ? {} : { tags: [...tags] };
      const node = await registry.registered({ ...rest, ...given, attributes });
      expect([facts, recordOf(node).status]).toEqual([facts, status]);
    }
  });

  it('vouches for no tag by an empty one, and for nothing under another name', async () => {
    for (const attributes of [
      { role: 'witness' },
      { 'eko.Role': 'witness' },
      { 'eko.role': 'Witness' },
      {},
    ]) {
      const node = await registry.registered({ attributes });
      expect(recordOf(node).status).toBe('pending');
    }
  });
});

describe('zone and tags of an active node', () => {
  it('count when they are approved anew, and as they were until then', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ zone: 'north', tags: ['hsm'] });
    const before = registry.rosterOf('witness');
    succeeded(await registry.update(node, { zone: 'south', tags: ['audited'] }));
    const asked = { zone: 'south', tags: ['audited'] };
    expect(recordOf(node)).toMatchObject({ status: 'active', zone: 'north', tags: ['hsm'], proposed: asked });
    expect(registry.rosterOf('witness')).toEqual(before);
    succeeded(await decide(administrator, 'approveNode', node, 2));
    expect(recordOf(node)).toMatchObject(asked);
    expect(recordOf(node).proposed).toBeUndefined();
    const entries = registry.rosterOf('witness').entries.filter(({ nodeId }) => nodeId === node.nodeId);
    expect(entries).toMatchObject([{ zone: 'north', left: {} }, asked]);
  });

  it('can be taken away and given up, too, with a word of the organisation', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ zone: 'north', tags: ['hsm'], attributes: UNVOUCHED });
    succeeded(await decide(administrator, 'approveNode', node, 1));
    const { nodeId, role, endpoint, keys } = node.registration;
    const bare = { nodeId, role, keys, ...(endpoint === undefined ? {} : { endpoint }) };
    succeeded(await registry.update({ ...node, registration: bare }));
    expect(recordOf(node)).toMatchObject({ zone: 'north', proposed: {} });
    succeeded(await decide(administrator, 'rejectNode', node, 2));
    expect(recordOf(node)).toMatchObject({ status: 'active', zone: 'north', tags: ['hsm'] });
    expect(recordOf(node).proposed).toBeUndefined();
    succeeded(await registry.update({ ...node, registration: bare }, { keyEpoch: 2 }));
    succeeded(await decide(administrator, 'approveNode', node, 3));
    expect(recordOf(node).zone).toBeUndefined();
    expect(recordOf(node).tags).toBeUndefined();
  });

  it('need no approval where the certificate vouches for them', async () => {
    const attributes = { ...vouchingAttributes({ role: 'witness', zone: 'north' }), 'eko.tags': 'hsm' };
    const node = await registry.registered({ zone: 'north', attributes });
    succeeded(await registry.update(node, { tags: ['hsm'] }));
    expect(recordOf(node)).toMatchObject({ zone: 'north', tags: ['hsm'] });
    expect(recordOf(node).proposed).toBeUndefined();
  });

  it('are withdrawn by an update that names the present ones', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered({ zone: 'north' });
    succeeded(await registry.update(node, { zone: 'south' }));
    succeeded(await registry.update(node, { keyEpoch: 2 }));
    expect(recordOf(node).proposed).toBeUndefined();
    expect((await decide(administrator, 'approveNode', node, 3)).error?.code).toBe('BAD_STATE');
  });
});

describe('an administrator', () => {
  it('retires every node of the own organisation, and none of another', async () => {
    const administrator = await registry.administrator('Org1MSP');
    const node = await registry.registered();
    const party = await registry.registered({ role: 'party' });
    const foreign = await registry.registered({ mspId: 'Org2MSP' });
    const waiting = await registry.registered({ attributes: UNVOUCHED });
    for (const [each, status] of [
      [node, 'retired'],
      [party, 'retired'],
      [waiting, 'rejected'],
    ] as const) {
      const outcome = succeeded(await retire(administrator, each));
      expect(payloadOf(outcome, 'NodeRetired').node.status).toBe(status);
    }
    expect(isInRoster(node)).toBe(false);
    expect((await retire(administrator, foreign)).error?.code).toBe('FORBIDDEN');
    expect((await retire(administrator, node)).error?.code).toBe('BAD_STATE');
  });
});

describe('those that wait', () => {
  it('are so many of one organisation and no more, and make room when they are decided about', async () => {
    const { ledger } = new RegistryDriver();
    const fresh = new RegistryDriver(ledger);
    const administrator = await fresh.administrator('Org1MSP');
    const waiting: TestNode[] = [];
    for (let n = 0; n < LIMITS.pendingNodesPerMsp; n += 1)
      waiting.push(await fresh.registered({ attributes: UNVOUCHED }));
    const next = await fresh.newNode({ attributes: UNVOUCHED });
    const refused = await fresh.register(next);
    expect(refused.error?.code).toBe('ROSTER_FULL');
    expect(refused.writes).toEqual([]);
    await fresh.registered({ mspId: 'Org2MSP', attributes: UNVOUCHED });
    await fresh.registered();
    const [approved, rejected, retired] = waiting;
    const keyEpoch = 1;
    const decisions = [
      [administrator, TRANSACTIONS.approveNode, { nodeId: approved!.nodeId, keyEpoch }],
      [administrator, TRANSACTIONS.rejectNode, { nodeId: rejected!.nodeId, keyEpoch }],
      [retired!.identity, TRANSACTIONS.retireNode, { nodeId: retired!.nodeId }],
    ] as const;
    for (const [as, transaction, argument] of decisions) {
      succeeded(await ledger.submit(as, transaction, argument));
      await fresh.registered({ attributes: UNVOUCHED });
    }
    expect((await fresh.register(next)).error?.code).toBe('ROSTER_FULL');
  });
});
