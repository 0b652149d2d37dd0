import {
  LIMITS,
  SecretBytes,
  TRANSACTIONS,
  decodeBase64Url,
  encodeBase64Url,
  hashText,
  proveNodeKeys,
  type NodePage,
  type NodeRecord,
  type Roster,
} from '@eko/protocol';
import { X509Certificate } from 'node:crypto';
import { EkoLedger } from '../../support/chaincode/eko-ledger';
import { selfSignedCertificate } from '../../support/chaincode/self-signed-certificate';
import { register, standingOffer } from '../../support/chaincode/test-network';
import {
  identityHashOf,
  newSeeds,
  newTestNode,
  registrationKeys,
  type NodeDescription,
  type TestNode,
} from '../../support/chaincode/test-node';
import { payloadOf, succeeded, writesOf } from '../../support/chaincode/test-streams';

jest.setTimeout(60_000);

const ledger = new EkoLedger();
let serial = 0;

function newNode(change: Partial<NodeDescription> = {}): Promise<TestNode> {
  serial += 1;
  return newTestNode(ledger, { nodeId: `node-${serial}`, role: 'witness', mspId: 'Org1MSP', ...change });
}

async function registered(change: Partial<NodeDescription> = {}): Promise<TestNode> {
  const node = await newNode(change);
  await register(ledger, node);
  return node;
}

const rosterOf = (role: string) =>
  (ledger.recordAt(`roster/${role}`) ?? { version: 0, entries: [] }) as Roster;
const keyHashes = ({ tls, kem, sign, vrf }: TestNode['registration']['keys']) => [
  hashText(new X509Certificate(decodeBase64Url(tls)).publicKey.export({ type: 'spki', format: 'der' })),
  ...[kem.publicKey, sign.publicKey, vrf?.publicKey ?? []]
    .flat()
    .map((key) => hashText(decodeBase64Url(key))),
];
const submitAs = (node: TestNode, change: object) =>
  ledger.submit(node.identity, TRANSACTIONS.registerNode, { ...node.registration, ...change });
const updateAs = (node: TestNode, change: object = {}) => {
  const { role: _role, ...facts } = node.registration;
  return ledger.submit(node.identity, TRANSACTIONS.updateNode, { ...facts, keyEpoch: 1, ...change });
};

describe('RegisterNode', () => {
  it('writes the node, its identity, its keys and the roster, and nothing else', async () => {
    const before = rosterOf('orchestrator');
    const node = await newNode({ role: 'orchestrator', zone: 'north', tags: ['hsm'] });
    const outcome = succeeded(await submitAs(node, {}));
    const { nodeId, registration, identity } = node;
    const { keys } = registration;
    const record: NodeRecord = {
      nodeId,
      role: 'orchestrator',
      mspId: 'Org1MSP',
      identity: identityHashOf(identity),
      status: 'active',
      keyEpoch: 1,
      keys: {
        tls: keys.tls,
        kem: { suite: 'x25519', publicKey: keys.kem.publicKey },
        sign: keys.sign.publicKey,
        vrf: keys.vrf!.publicKey,
      },
      endpoint: registration.endpoint!,
      zone: 'north',
      tags: ['hsm'],
      offers: [],
      txId: outcome.txId,
    };
    const version = before.version + 1;
    expect(writesOf(outcome)).toEqual({
      [`node/${nodeId}`]: record,
      [`identity/${record.identity}`]: { nodeId },
      ...Object.fromEntries(keyHashes(keys).map((hash) => [`key/${hash}`, { nodeId }])),
      'roster/orchestrator': {
        version,
        entries: [
          ...before.entries,
          { nodeId, mspId: 'Org1MSP', zone: 'north', tags: ['hsm'], since: version },
        ],
      },
    });
    expect(payloadOf(outcome, 'NodeRegistered')).toEqual({ node: record });
    expect(JSON.parse(outcome.result)).toEqual({ node: record });
  });

  it('keeps the roster sorted by node ID', async () => {
    await registered({ nodeId: 'zz' });
    await registered({ nodeId: 'aa' });
    const ids = rosterOf('witness').entries.map(({ nodeId }) => nodeId);
    expect(ids).toEqual([...ids].sort());
  });

  it('refuses a second node of an identity, and a taken node ID', async () => {
    const first = await registered();
    const again = {
      nodeId: 'another',
      keys: await registrationKeys('another', first.identity, newSeeds('witness')),
    };
    expect((await submitAs(first, again)).error?.code).toBe('ALREADY_EXISTS');
    const thief = await newNode();
    const stolen = {
      nodeId: first.nodeId,
      keys: await registrationKeys(first.nodeId, thief.identity, thief.seeds),
    };
    expect((await submitAs(thief, stolen)).error?.code).toBe('ALREADY_EXISTS');
  });

  it('refuses a key of another node, whichever it is', async () => {
    const owner = await registered({ role: 'orchestrator' });
    const thief = await newNode({ role: 'orchestrator' });
    const owners = { nodeId: thief.nodeId, identity: identityHashOf(thief.identity) };
    const proved = proveNodeKeys(owner.seeds, owners);
    const { keys } = thief.registration;
    for (const stolen of [
      { ...keys, kem: proved.kem },
      { ...keys, sign: proved.sign },
      { ...keys, vrf: proved.vrf },
      { ...keys, tls: owner.registration.keys.tls },
    ])
      expect((await submitAs(thief, { keys: stolen })).error?.code).toBe('KEY_IN_USE');
  });

  it('refuses proofs that another identity or node ID made', async () => {
    const node = await newNode({ role: 'orchestrator' });
    const other = await newNode({ role: 'orchestrator' });
    const { keys } = node.registration;
    const foreign = proveNodeKeys(node.seeds, {
      nodeId: node.nodeId,
      identity: identityHashOf(other.identity),
    });
    for (const kind of ['kem', 'sign', 'vrf'] as const) {
      const outcome = await submitAs(node, { keys: { ...keys, [kind]: foreign[kind] } });
      expect(outcome.error?.code).toBe('INVALID_KEY');
    }
    expect((await submitAs(node, { nodeId: 'renamed' })).error?.code).toBe('INVALID_KEY');
  });

  it('refuses an X25519 key of zero, a vrf key out of place, and one key for two purposes', async () => {
    const node = await newNode();
    const orchestrator = await newNode({ role: 'orchestrator' });
    const { keys } = node.registration;
    const zero = { ...keys.kem, publicKey: encodeBase64Url(new Uint8Array(32)) };
    expect((await submitAs(node, { keys: { ...keys, kem: zero } })).error?.code).toBe('INVALID_KEY');
    const withVrf = { ...keys, vrf: orchestrator.registration.keys.vrf };
    expect((await submitAs(node, { keys: withVrf })).error?.code).toBe('INVALID_KEY');
    const { vrf: _vrf, ...withoutVrf } = orchestrator.registration.keys;
    expect((await submitAs(orchestrator, { keys: withoutVrf })).error?.code).toBe('INVALID_KEY');
    const seed = newSeeds('witness').sign.use((bytes) => bytes.slice());
    const shared = {
      kem: new SecretBytes('kem seed', seed.slice()),
      sign: new SecretBytes('sign seed', seed.slice()),
    };
    const reused = {
      ...keys,
      ...proveNodeKeys(shared, { nodeId: node.nodeId, identity: identityHashOf(node.identity) }),
    };
    expect((await submitAs(node, { keys: reused })).error?.code).toBe('INVALID_KEY');
  });

  it('refuses a TLS certificate that is not a self-signed P-256 one in DER', async () => {
    const node = await newNode();
    const { keys } = node.registration;
    const sound = decodeBase64Url(keys.tls);
    const forged = sound.slice();
    forged[forged.length - 1]! ^= 1;
    const trailing = Uint8Array.of(...sound, 0);
    for (const tls of [
      await selfSignedCertificate('p-384', 'P-384'),
      forged,
      trailing,
      sound.slice(0, 100),
      new Uint8Array(new X509Certificate(node.identity.certificatePem).raw),
    ]) {
      const outcome = await submitAs(node, { keys: { ...keys, tls: encodeBase64Url(tls) } });
      expect(outcome.error?.code).toBe('INVALID_KEY');
    }
  });

  it('refuses an endpoint that is missing or of another form', async () => {
    const node = await newNode();
    const { endpoint: _endpoint, ...without } = node.registration;
    const outcome = await ledger.submit(node.identity, TRANSACTIONS.registerNode, without);
    expect(outcome.error?.code).toBe('INVALID_ENDPOINT');
    for (const endpoint of [
      'https://127.1:8443',
      'https://0x7f.1:8443',
      'https://[::ffff:127.0.0.1]:8443',
      'https://a.b:22',
    ])
      expect((await submitAs(node, { endpoint })).error?.code).toBe('INVALID_ENDPOINT');
    for (const endpoint of [
      'http://a.b:8443',
      'file:///etc',
      'https://u:p@a.b:8443',
      `https://${'a'.repeat(3000)}:8443`,
    ])
      expect((await submitAs(node, { endpoint })).error?.code).toBe('INVALID_ARGUMENT');
  });

  it('refuses attributes that look like a secret, without repeating them', async () => {
    const node = await newNode();
    const secret = 'deadbeef'.repeat(5);
    for (const change of [{ zone: secret }, { tags: ['a', secret] }]) {
      const { error } = await submitAs(node, change);
      expect(error?.code).toBe('SECRET_IN_METADATA');
      expect(error?.message).not.toContain(secret);
    }
  });
});

describe('UpdateNode', () => {
  it('rotates keys, keeps the old ones taken, and leaves the roster alone', async () => {
    const node = await registered();
    const keys = await registrationKeys(node.nodeId, node.identity, newSeeds('witness'));
    const outcome = succeeded(await updateAs(node, { keys }));
    const { node: record } = payloadOf(outcome, 'NodeUpdated');
    expect(record.keyEpoch).toBe(2);
    expect(record.keys.sign).toBe(keys.sign.publicKey);
    expect(Object.keys(writesOf(outcome)).sort()).toEqual(
      [`node/${node.nodeId}`, ...keyHashes(keys).map((hash) => `key/${hash}`)].sort(),
    );
    const thief = await newNode();
    const old = proveNodeKeys(node.seeds, { nodeId: thief.nodeId, identity: identityHashOf(thief.identity) });
    const outcomeOfThief = await submitAs(thief, { keys: { ...thief.registration.keys, ...old } });
    expect(outcomeOfThief.error?.code).toBe('KEY_IN_USE');
  });

  it('marks the roster entry as new when selection attributes or the vrf key change', async () => {
    const node = await registered({ role: 'orchestrator' });
    const before = rosterOf('orchestrator');
    succeeded(await updateAs(node, { endpoint: 'https://moved.example:8443' }));
    expect(rosterOf('orchestrator')).toEqual(before);
    const keys = { ...node.registration.keys, ...proveVrf(node) };
    succeeded(await updateAs(node, { keys, keyEpoch: 2 }));
    const rekeyed = rosterOf('orchestrator');
    expect(rekeyed.version).toBe(before.version + 1);
    expect(rekeyed.entries.find(({ nodeId }) => nodeId === node.nodeId)?.since).toBe(rekeyed.version);
    succeeded(await updateAs(node, { keys, keyEpoch: 3, zone: 'south' }));
    expect(rosterOf('orchestrator').version).toBe(before.version + 2);
  });

  it('is compare-and-set by key epoch, and only for the identity that registered', async () => {
    const node = await registered();
    expect((await updateAs(node, { keyEpoch: 2 })).error?.code).toBe('BAD_STATE');
    const stranger = await newNode();
    const argument = { ...node, identity: stranger.identity };
    expect((await updateAs(argument)).error?.code).toBe('FORBIDDEN');
    expect((await updateAs(stranger)).error?.code).toBe('NOT_FOUND');
  });

  it('lets one of two concurrent updates win', async () => {
    const node = await registered();
    const { role: _role, ...facts } = node.registration;
    const update = { ...facts, keyEpoch: 1 };
    const first = await ledger.prepare(node.identity, TRANSACTIONS.updateNode, { ...update, zone: 'a' });
    const second = await ledger.prepare(node.identity, TRANSACTIONS.updateNode, { ...update, zone: 'b' });
    expect([first.commit().commitCode, second.commit().commitCode]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });
});

describe('RetireNode', () => {
  it('takes the node out of its roster and keeps everything else taken', async () => {
    const node = await registered();
    const { nodeId } = node;
    const before = rosterOf('witness');
    const outcome = succeeded(await ledger.submit(node.identity, TRANSACTIONS.retireNode, { nodeId }));
    expect(payloadOf(outcome, 'NodeRetired').node.status).toBe('retired');
    expect(Object.keys(writesOf(outcome))).toEqual([`node/${nodeId}`, 'roster/witness']);
    expect(rosterOf('witness')).toEqual({
      version: before.version + 1,
      entries: before.entries.filter((entry) => entry.nodeId !== nodeId),
    });
    for (const transaction of [TRANSACTIONS.retireNode, TRANSACTIONS.heartbeat])
      expect((await ledger.submit(node.identity, transaction, { nodeId })).error?.code).toBe('BAD_STATE');
    expect((await updateAs(node)).error?.code).toBe('BAD_STATE');
    expect((await submitAs(node, {})).error?.code).toBe('ALREADY_EXISTS');
  });

  it('is for the node itself', async () => {
    const node = await registered();
    const other = await registered();
    const outcome = await ledger.submit(other.identity, TRANSACTIONS.retireNode, { nodeId: node.nodeId });
    expect(outcome.error?.code).toBe('FORBIDDEN');
  });
});

describe('offers', () => {
  it('are published, replaced and withdrawn on the party’s own record', async () => {
    const party = await registered({ role: 'party' });
    const { nodeId, identity } = party;
    const publish = (offer: object) => ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer });
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
      ledger.submit(identity, TRANSACTIONS.withdrawOffer, { nodeId, offerId });
    expect(payloadOf(succeeded(await withdraw('standing')), 'OffersChanged').node.offers).toHaveLength(1);
    expect((await withdraw('standing')).error?.code).toBe('NOT_FOUND');
  });

  it('are refused beyond their number, for other roles, other identities and with secrets in them', async () => {
    const party = await registered({ role: 'party' });
    const witness = await registered();
    const publish = (as: TestNode, nodeId: string, offer: object) =>
      ledger.submit(as.identity, TRANSACTIONS.publishOffer, { nodeId, offer });
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
  it('writes one key of its own without reading it', async () => {
    const { nodeId, identity } = await registered();
    const outcome = succeeded(await ledger.submit(identity, TRANSACTIONS.heartbeat, { nodeId }));
    const beat = { nodeId, atUnixMs: ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`heartbeat/${nodeId}`]: beat });
    expect(payloadOf(outcome, 'Heartbeat')).toEqual(beat);
    expect(outcome.reads).toEqual([`node/${nodeId}`]);
  });

  it('is for the node itself', async () => {
    const node = await registered();
    const other = await registered();
    const beat = await ledger.submit(other.identity, TRANSACTIONS.heartbeat, { nodeId: node.nodeId });
    expect(beat.error?.code).toBe('FORBIDDEN');
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

function proveVrf(node: TestNode) {
  const owner = { nodeId: node.nodeId, identity: identityHashOf(node.identity) };
  return { vrf: proveNodeKeys({ ...node.seeds, ...newSeeds('orchestrator') }, owner).vrf };
}
