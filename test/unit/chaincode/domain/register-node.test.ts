import { SecretBytes } from '@eko/protocol';
import { TRANSACTIONS, type NodeRecord } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { proveNodeKeys } from '@eko/protocol/crypto';
import { proveTlsKey } from '@eko/protocol/node';
import { X509Certificate } from 'node:crypto';
import { RegistryDriver, keyHashes, without } from '../../../support/contracts/registry-driver';
import { selfSignedTls } from '../../../support/data/certificates';
import {
  identityHashOf,
  newHeldKeys,
  newSeeds,
  registrationKeys,
} from '../../../support/contracts/test-node';
import { payloadOf, succeeded, writesOf } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

const registry = new RegistryDriver();

describe('RegisterNode', () => {
  it('writes the node, its identity, its keys and the roster, and nothing else', async () => {
    const before = registry.rosterOf('orchestrator');
    const node = await registry.newNode({ role: 'orchestrator', zone: 'north', tags: ['hsm'] });
    const outcome = succeeded(await registry.register(node, {}));
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
        tls: keys.tls.certificate,
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
    await registry.registered({ nodeId: 'zz' });
    await registry.registered({ nodeId: 'aa' });
    const ids = registry.rosterOf('witness').entries.map(({ nodeId }) => nodeId);
    expect(ids).toEqual([...ids].sort());
  });

  it('refuses a second node of an identity, and a taken node ID', async () => {
    const first = await registry.registered();
    const again = {
      nodeId: 'another',
      keys: registrationKeys('another', first.identity, await newHeldKeys('another', 'witness')),
    };
    expect((await registry.register(first, again)).error?.code).toBe('ALREADY_EXISTS');
    const thief = await registry.newNode();
    const stolen = {
      nodeId: first.nodeId,
      keys: registrationKeys(first.nodeId, thief.identity, thief),
    };
    expect((await registry.register(thief, stolen)).error?.code).toBe('ALREADY_EXISTS');
  });

  it('refuses a key of another node, whichever it is', async () => {
    const owner = await registry.registered({ role: 'orchestrator' });
    const thief = await registry.newNode({ role: 'orchestrator' });
    const owners = { nodeId: thief.nodeId, identity: identityHashOf(thief.identity) };
    const proved = proveNodeKeys(owner.seeds, owners);
    const { keys } = thief.registration;
    for (const stolen of [
      { ...keys, kem: proved.kem },
      { ...keys, sign: proved.sign },
      { ...keys, vrf: proved.vrf },
      { ...keys, tls: proveTlsKey(owner.tls, owners) },
    ])
      expect((await registry.register(thief, { keys: stolen })).error?.code).toBe('KEY_IN_USE');
  });

  it('refuses proofs that another identity or node ID made', async () => {
    const node = await registry.newNode({ role: 'orchestrator' });
    const other = await registry.newNode({ role: 'orchestrator' });
    const { keys } = node.registration;
    const foreign = proveNodeKeys(node.seeds, {
      nodeId: node.nodeId,
      identity: identityHashOf(other.identity),
    });
    for (const kind of ['kem', 'sign', 'vrf'] as const) {
      const outcome = await registry.register(node, { keys: { ...keys, [kind]: foreign[kind] } });
      expect(outcome.error?.code).toBe('INVALID_KEY');
    }
    expect((await registry.register(node, { nodeId: 'renamed' })).error?.code).toBe('INVALID_KEY');
  });

  it('refuses an X25519 key of zero, a vrf key out of place, and one key for two purposes', async () => {
    const node = await registry.newNode();
    const orchestrator = await registry.newNode({ role: 'orchestrator' });
    const { keys } = node.registration;
    const zero = { ...keys.kem, publicKey: encodeBase64Url(new Uint8Array(32)) };
    expect((await registry.register(node, { keys: { ...keys, kem: zero } })).error?.code).toBe('INVALID_KEY');
    const withVrf = { ...keys, vrf: orchestrator.registration.keys.vrf };
    expect((await registry.register(node, { keys: withVrf })).error?.code).toBe('INVALID_KEY');
    const withoutVrf = without(orchestrator.registration.keys, 'vrf');
    expect((await registry.register(orchestrator, { keys: withoutVrf })).error?.code).toBe('INVALID_KEY');
    const seed = newSeeds('witness').sign.use((bytes) => bytes.slice());
    const shared = {
      kem: new SecretBytes('kem seed', seed.slice()),
      sign: new SecretBytes('sign seed', seed.slice()),
    };
    const reused = {
      ...keys,
      ...proveNodeKeys(shared, { nodeId: node.nodeId, identity: identityHashOf(node.identity) }),
    };
    expect((await registry.register(node, { keys: reused })).error?.code).toBe('INVALID_KEY');
  });

  it('refuses a TLS certificate that is not a self-signed P-256 one in DER', async () => {
    const node = await registry.newNode();
    const { keys } = node.registration;
    const owner = { nodeId: node.nodeId, identity: identityHashOf(node.identity) };
    const sound = node.tls.certificateDer;
    const forged = sound.slice();
    forged[forged.length - 1]! ^= 1;
    const trailing = Uint8Array.of(...sound, 0);
    const p384 = await selfSignedTls('p-384', 'P-384');
    const issued = new Uint8Array(new X509Certificate(node.identity.certificatePem).raw);
    for (const certificateDer of [p384.certificateDer, forged, trailing, sound.slice(0, 100), issued]) {
      const tls = proveTlsKey({ ...node.tls, certificateDer }, owner);
      const outcome = await registry.register(node, { keys: { ...keys, tls } });
      expect(outcome.error?.code).toBe('INVALID_KEY');
    }
  });

  it('refuses a TLS certificate whose key the registrant does not hold', async () => {
    const victim = await registry.newNode();
    const thief = await registry.newNode();
    const { keys } = thief.registration;
    const certificate = encodeBase64Url(victim.tls.certificateDer);
    const owner = { nodeId: thief.nodeId, identity: identityHashOf(thief.identity) };
    const unowned = { key: thief.tls.key, certificateDer: victim.tls.certificateDer };
    for (const tls of [
      { ...keys.tls, certificate },
      victim.registration.keys.tls,
      proveTlsKey(unowned, owner),
      { ...proveTlsKey(thief.tls, { ...owner, nodeId: 'another' }) },
    ])
      expect((await registry.register(thief, { keys: { ...keys, tls } })).error).toMatchObject({
        code: 'INVALID_KEY',
      });
    succeeded(await registry.register(victim));
  });

  it('refuses an endpoint that is missing or of another form', async () => {
    const node = await registry.newNode();
    const outcome = await registry.ledger.submit(
      node.identity,
      TRANSACTIONS.registerNode,
      without(node.registration, 'endpoint'),
    );
    expect(outcome.error?.code).toBe('INVALID_ENDPOINT');
    expect(outcome.error?.message).toContain('in the role of witness needs an endpoint');
    for (const endpoint of [
      'https://127.1:8443',
      'https://0x7f.1:8443',
      'https://[::ffff:127.0.0.1]:8443',
      'https://a.b:22',
    ])
      expect((await registry.register(node, { endpoint })).error?.code).toBe('INVALID_ENDPOINT');
    for (const endpoint of [
      'http://a.b:8443',
      'file:///etc',
      'https://u:p@a.b:8443',
      `https://${'a'.repeat(3000)}:8443`,
    ])
      expect((await registry.register(node, { endpoint })).error?.code).toBe('INVALID_ARGUMENT');
  });

  it('refuses attributes that look like a secret, without repeating them', async () => {
    const node = await registry.newNode();
    const secret = 'deadbeef'.repeat(5);
    for (const change of [{ zone: secret }, { tags: ['a', secret] }]) {
      const { error } = await registry.register(node, change);
      expect(error?.code).toBe('SECRET_IN_METADATA');
      expect(error?.message).not.toContain(secret);
    }
  });
});
