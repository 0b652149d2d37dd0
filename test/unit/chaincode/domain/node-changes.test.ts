import { LIMITS } from '@eko/protocol';
import {
  TRANSACTIONS,
  consentDueUnixMs,
  type NodePage,
  type NodeRecord,
  type ReceiptHead,
} from '@eko/protocol/ledger';
import { proveNodeKeys } from '@eko/protocol/crypto';
import { EkoLedger } from '../../../support/contracts/eko-ledger';
import { RegistryDriver, keyHashes, updateOf } from '../../../support/contracts/registry-driver';
import { EMPTY_LOG } from '../../../support/contracts/test-attestations';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, register, standingOffer } from '../../../support/contracts/test-network';
import {
  identityHashOf,
  newHeldKeys,
  newSeeds,
  newTestNode,
  registrationKeys,
  signedUpdate,
  type TestNode,
} from '../../../support/contracts/test-node';
import { hash } from '../../../support/data/ledger-facts';
import {
  acceptBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

const registry = new RegistryDriver();

describe('UpdateNode', () => {
  it('rotates keys, keeps the old ones taken, and leaves the roster alone', async () => {
    const node = await registry.registered();
    const held = await newHeldKeys(node.nodeId, 'witness');
    const keys = registrationKeys(node.nodeId, node.identity, held);
    const outcome = succeeded(await registry.update(node, { keys }));
    const { node: record } = payloadOf(outcome, 'NodeUpdated');
    expect(record.keyEpoch).toBe(2);
    expect(record.keys.sign).toBe(keys.sign.publicKey);
    expect(Object.keys(writesOf(outcome)).sort()).toEqual(
      [`node/${node.nodeId}`, ...keyHashes(keys).map((hash) => `key/${hash}`)].sort(),
    );
    const thief = await registry.newNode();
    const old = proveNodeKeys(node.seeds, { nodeId: thief.nodeId, identity: identityHashOf(thief.identity) });
    const outcomeOfThief = await registry.register(thief, { keys: { ...thief.registration.keys, ...old } });
    expect(outcomeOfThief.error?.code).toBe('KEY_IN_USE');
  });

  it('marks the roster entry as new when the vrf key changes', async () => {
    const node = await registry.registered({ role: 'orchestrator' });
    const before = registry.rosterOf('orchestrator');
    succeeded(await registry.update(node, { endpoint: 'https://moved.example:8443' }));
    expect(registry.rosterOf('orchestrator')).toEqual(before);
    const keys = { ...node.registration.keys, ...proveVrf(node) };
    succeeded(await registry.update(node, { keys, keyEpoch: 2 }));
    const rekeyed = registry.rosterOf('orchestrator');
    expect(rekeyed.version).toBe(before.version + 1);
    const { version } = rekeyed;
    const left = { version, atUnixMs: registry.ledger.nowUnixMs };
    expect(rekeyed.entries.filter(({ nodeId }) => nodeId === node.nodeId)).toEqual([
      { nodeId: node.nodeId, mspId: 'Org1MSP', since: before.version, left },
      { nodeId: node.nodeId, mspId: 'Org1MSP', since: version },
    ]);
  });

  it('changes selection attributes so often and no more, until old facts can serve no draw', async () => {
    const node = await registry.registered();
    const administrator = await registry.administrator('Org1MSP');
    const ask = (change: number) => registry.update(node, { zone: `zone-${change}`, keyEpoch: change });
    const approve = (keyEpoch: number) =>
      registry.ledger.submit(administrator, TRANSACTIONS.approveNode, { nodeId: node.nodeId, keyEpoch });
    const rezone = async (change: number) => {
      succeeded(await ask(change));
      return approve(change + 1);
    };
    for (let change = 1; change <= LIMITS.selectionChanges; change += 1) succeeded(await rezone(change));
    const next = LIMITS.selectionChanges + 1;
    expect((await rezone(next)).error?.code).toBe('BAD_STATE');
    const entries = () => registry.rosterOf('witness').entries.filter(({ nodeId }) => nodeId === node.nodeId);
    registry.ledger.advance(LIMITS.durationSecondsMax * 1000 + 4 * LIMITS.clockSkewMs - 1);
    await registry.registered();
    expect(entries()).toHaveLength(next);
    expect((await approve(next + 1)).error?.code).toBe('BAD_STATE');
    registry.ledger.advance(1);
    succeeded(await approve(next + 1));
    expect(entries()).toHaveLength(2);
  });

  it('is compare-and-set by key epoch, and only for the identity that registered', async () => {
    const node = await registry.registered();
    expect((await registry.update(node, { keyEpoch: 2 })).error?.code).toBe('BAD_STATE');
    const stranger = await registry.newNode();
    const argument = { ...node, identity: stranger.identity };
    expect((await registry.update(argument)).error?.code).toBe('FORBIDDEN');
    expect((await registry.update(stranger)).error?.code).toBe('NOT_FOUND');
  });

  it('lets one of two concurrent updates win', async () => {
    const node = await registry.registered();
    const prepare = (zone: string) =>
      registry.ledger.prepare(
        node.identity,
        TRANSACTIONS.updateNode,
        signedUpdate(updateOf(node, { zone }), node),
      );
    const [first, second] = [await prepare('a'), await prepare('b')];
    expect([first.commit().commitCode, second.commit().commitCode]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });
});

describe('RetireNode', () => {
  it('takes the node out of its roster and keeps everything else taken', async () => {
    const node = await registry.registered();
    const { nodeId } = node;
    const before = registry.rosterOf('witness');
    const outcome = succeeded(
      await registry.ledger.submit(node.identity, TRANSACTIONS.retireNode, { nodeId }),
    );
    expect(payloadOf(outcome, 'NodeRetired').node.status).toBe('retired');
    expect(Object.keys(writesOf(outcome))).toEqual([`node/${nodeId}`, 'roster/witness']);
    const version = before.version + 1;
    const left = { version, atUnixMs: registry.ledger.nowUnixMs };
    expect(registry.rosterOf('witness')).toEqual({
      version,
      entries: before.entries.map((entry) => (entry.nodeId === nodeId ? { ...entry, left } : entry)),
    });
    const again = await registry.ledger.submit(node.identity, TRANSACTIONS.retireNode, { nodeId });
    expect(again.error?.code).toBe('BAD_STATE');
    expect((await registry.update(node)).error?.code).toBe('BAD_STATE');
    expect((await registry.register(node, {})).error?.code).toBe('ALREADY_EXISTS');
  });

  it('leaves the node to the draws of what was requested before, however long that takes', async () => {
    const network = await newTestNetwork({ witnesses: 3 });
    const { ledger, witnesses } = network;
    const [retired] = witnesses;
    // As far apart as the peers' clocks allow: the request says a later time than it has, the retirement an earlier one.
    ledger.nowUnixMs += LIMITS.clockSkewMs;
    ledger.peerAheadMs = -LIMITS.clockSkewMs;
    const policy = { durationSeconds: LIMITS.durationSecondsMax, consentSeconds: LIMITS.consentSecondsMax };
    const { bundle } = await requestBundle(network, { policy });
    ledger.nowUnixMs -= 2 * LIMITS.clockSkewMs;
    ledger.peerAheadMs = LIMITS.clockSkewMs;
    const { nodeId } = retired!;
    succeeded(await ledger.submit(retired!.identity, TRANSACTIONS.retireNode, { nodeId }));
    ledger.nowUnixMs = consentDueUnixMs(bundle) - 1;
    ledger.peerAheadMs = 0;
    const assignment = await acceptBundle(network, bundle);
    const dealtAtUnixMs = ledger.nowUnixMs + LIMITS.setupLimitMs - 1;
    // So do the dealings, and the change that clears the roster a later one.
    ledger.nowUnixMs = dealtAtUnixMs + 2 * LIMITS.clockSkewMs;
    ledger.peerAheadMs = -LIMITS.clockSkewMs;
    const late = { nodeId: 'late', role: 'witness', mspId: 'Org1MSP' } as const;
    await register(ledger, await newTestNode(ledger, late));
    ledger.nowUnixMs = dealtAtUnixMs;
    ledger.peerAheadMs = LIMITS.clockSkewMs;
    const dealings = newRecordDealings(network, bundle, assignment);
    const lead = leadOf(network, assignment);
    const outcome = succeeded(await ledger.submit(lead.identity, TRANSACTIONS.recordDealings, dealings));
    const { selection } = payloadOf(outcome, 'DealingsRecorded').record;
    expect([...selection.witnesses].sort()).toEqual(witnesses.map((witness) => witness.nodeId).sort());
  });

  it('is for the node itself', async () => {
    const node = await registry.registered();
    const other = await registry.registered();
    const outcome = await registry.ledger.submit(other.identity, TRANSACTIONS.retireNode, {
      nodeId: node.nodeId,
    });
    expect(outcome.error?.code).toBe('FORBIDDEN');
  });
});

describe('offers', () => {
  it('are published, replaced and withdrawn on the party’s own record', async () => {
    const party = await registry.registered({ role: 'party' });
    const { nodeId, identity } = party;
    const publish = (offer: object) =>
      registry.ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer });
    const first = succeeded(await publish(standingOffer()));
    expect(payloadOf(first, 'OffersChanged').node.offers).toEqual([standingOffer()]);
    expect(Object.keys(writesOf(first))).toEqual([`node/${nodeId}`]);
    succeeded(await publish(standingOffer({ offerId: 'another' })));
    const replaced = succeeded(await publish(standingOffer({ minQuorum: 3 })));
    expect(payloadOf(replaced, 'OffersChanged').node.offers).toEqual([
      standingOffer({ offerId: 'another' }),
      standingOffer({ minQuorum: 3 }),
    ]);
    const withdraw = (offerId: string) =>
      registry.ledger.submit(identity, TRANSACTIONS.withdrawOffer, { nodeId, offerId });
    expect(payloadOf(succeeded(await withdraw('standing')), 'OffersChanged').node.offers).toHaveLength(1);
    expect((await withdraw('standing')).error?.code).toBe('NOT_FOUND');
  });

  it('are refused beyond their number, for other roles, other identities and with secrets in them', async () => {
    const party = await registry.registered({ role: 'party' });
    const witness = await registry.registered();
    const publish = (as: TestNode, nodeId: string, offer: object) =>
      registry.ledger.submit(as.identity, TRANSACTIONS.publishOffer, { nodeId, offer });
    for (let n = 0; n < LIMITS.offers; n += 1)
      succeeded(await publish(party, party.nodeId, standingOffer({ offerId: `offer-${n}` })));
    expect((await publish(party, party.nodeId, standingOffer())).error?.code).toBe('INVALID_ARGUMENT');
    expect((await publish(witness, witness.nodeId, standingOffer())).error?.code).toBe('FORBIDDEN');
    expect((await publish(witness, party.nodeId, standingOffer())).error?.code).toBe('FORBIDDEN');
    const leaking = standingOffer({ offerId: 'offer-0', dataTypes: ['password: hunter2'] });
    expect((await publish(party, party.nodeId, leaking)).error?.code).toBe('SECRET_IN_METADATA');
  });
});

describe('Heartbeat', () => {
  const beat = (node: TestNode, receipts?: ReceiptHead) =>
    registry.ledger.submit(node.identity, TRANSACTIONS.heartbeat, {
      nodeId: node.nodeId,
      ...(receipts === undefined ? {} : { receipts }),
    });

  it('is taken from a retired node, which has to catch up with the ledger when it starts again', async () => {
    const node = await registry.registered({ role: 'party' });
    succeeded(await registry.ledger.submit(node.identity, TRANSACTIONS.retireNode, { nodeId: node.nodeId }));
    expect(payloadOf(succeeded(await beat(node)), 'Heartbeat').nodeId).toBe(node.nodeId);
  });

  it('writes one key of its own without reading it', async () => {
    const node = await registry.registered({ role: 'orchestrator' });
    const outcome = succeeded(await beat(node));
    const record = { nodeId: node.nodeId, atUnixMs: registry.ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`heartbeat/${node.nodeId}`]: record });
    expect(payloadOf(outcome, 'Heartbeat')).toEqual(record);
    expect(outcome.reads).toEqual([`node/${node.nodeId}`]);
  });

  it('is for the node itself', async () => {
    const node = await registry.registered();
    const other = await registry.registered();
    const outcome = await registry.ledger.submit(other.identity, TRANSACTIONS.heartbeat, {
      nodeId: node.nodeId,
      receipts: EMPTY_LOG,
    });
    expect(outcome.error?.code).toBe('FORBIDDEN');
  });

  it('says how far the receipts of a witness have come, and of nobody else', async () => {
    const witness = await registry.registered();
    expect((await beat(witness)).error?.code).toBe('INVALID_ARGUMENT');
    const party = await registry.registered({ role: 'party' });
    expect((await beat(party, EMPTY_LOG)).error?.code).toBe('INVALID_ARGUMENT');
    const outcome = succeeded(await beat(witness, EMPTY_LOG));
    expect(payloadOf(outcome, 'Heartbeat').receipts).toEqual(EMPTY_LOG);
  });

  it('takes no witness back whose receipts are fewer than it has shown, or others', async () => {
    const witness = await registry.registered();
    succeeded(await beat(witness, EMPTY_LOG));
    expect((await beat(witness, { number: 0, hash: hash('x') })).error?.code).toBe('RECEIPTS_LOST');
    succeeded(await beat(witness, EMPTY_LOG));
    succeeded(await beat(witness, { number: 3, hash: hash('c') }));
    for (const lost of [EMPTY_LOG, { number: 2, hash: hash('b') }, { number: 3, hash: hash('d') }])
      expect((await beat(witness, lost)).error?.code).toBe('RECEIPTS_LOST');
    succeeded(await beat(witness, { number: 3, hash: hash('c') }));
    succeeded(await beat(witness, { number: 4, hash: hash('d') }));
  });
});

describe('queries', () => {
  it('read one node, pages of nodes and rosters', async () => {
    const fresh = new EkoLedger();
    const nodes: TestNode[] = [];
    for (const nodeId of ['a', 'a-b', 'a.b', 'b'])
      nodes.push(await newTestNode(fresh, { nodeId, role: 'witness', mspId: 'Org1MSP' }));
    const [first] = nodes;
    const ask = async (transaction: 'readNode' | 'listNodes' | 'readRoster', argument: object) =>
      fresh.evaluate(first!.identity, TRANSACTIONS[transaction], argument);
    expect(JSON.parse((await ask('readRoster', { role: 'witness' })).result)).toEqual({
      version: 0,
      entries: [],
    });
    for (const node of nodes) await register(fresh, node);
    const ids: string[][] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = (await ask('listNodes', { limit: 2, ...(after === undefined ? {} : { after }) })).result;
      const { nodes: found, next } = JSON.parse(page) as NodePage;
      ids.push(found.map(({ nodeId }) => nodeId));
      after = next;
    }
    expect(ids).toEqual([
      ['a', 'a-b'],
      ['a.b', 'b'],
    ]);
    const one = JSON.parse((await ask('readNode', { nodeId: 'a.b' })).result) as NodeRecord;
    expect(one).toEqual(fresh.recordAt('node/a.b'));
    expect((await ask('readNode', { nodeId: 'nobody' })).error?.code).toBe('NOT_FOUND');
    expect(JSON.parse((await ask('readRoster', { role: 'witness' })).result)).toEqual(
      fresh.recordAt('roster/witness'),
    );
  });
});

function proveVrf(node: TestNode): Pick<TestNode['registration']['keys'], 'vrf'> {
  const owner = { nodeId: node.nodeId, identity: identityHashOf(node.identity) };
  const { vrf } = proveNodeKeys({ ...node.seeds, ...newSeeds('orchestrator') }, owner);
  return vrf === undefined ? {} : { vrf };
}
