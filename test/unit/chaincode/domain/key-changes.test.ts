import { TRANSACTIONS, type NodeRecord, type UpdateNode } from '@eko/protocol/ledger';
import { RegistryDriver, updateOf } from '../../../support/contracts/registry-driver';
import {
  newHeldKeys,
  registrationKeys,
  signedUpdate,
  type TestNode,
} from '../../../support/contracts/test-node';
import { succeeded } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

const registry = new RegistryDriver();
const submit = (node: TestNode, update: UpdateNode) =>
  registry.ledger.submit(node.identity, TRANSACTIONS.updateNode, update);
const keysOf = ({ nodeId }: TestNode) => (registry.ledger.recordAt(`node/${nodeId}`) as NodeRecord).keys;

describe('whoever has only the Fabric identity of a node', () => {
  it('cannot swap its keys', async () => {
    const node = await registry.registered({ role: 'orchestrator' });
    const before = keysOf(node);
    const stolen = await newHeldKeys(node.nodeId, 'orchestrator');
    const keys = registrationKeys(node.nodeId, node.identity, stolen);
    const other = await registry.registered();
    const document = updateOf(node, { keys });
    for (const signer of [stolen, other])
      expect((await submit(node, signedUpdate(document, signer))).error?.code).toBe('BAD_SIGNATURE');
    const unsigned = { ...document, signature: 'A'.repeat(86) };
    expect((await submit(node, unsigned)).error?.code).toBe('BAD_SIGNATURE');
    expect(keysOf(node)).toEqual(before);
  });

  it('cannot change where it is reached, or what is said of it', async () => {
    const node = await registry.registered();
    const thief = await newHeldKeys(node.nodeId, 'witness');
    for (const change of [{ endpoint: 'https://elsewhere.example:8443' }, { zone: 'south' }])
      expect((await submit(node, signedUpdate(updateOf(node, change), thief))).error?.code).toBe(
        'BAD_SIGNATURE',
      );
  });

  it('cannot make use of what the node signed for another change, epoch or channel', async () => {
    const node = await registry.registered();
    const moved = signedUpdate(updateOf(node, { endpoint: 'https://moved.example:8443' }), node);
    const stolen = await newHeldKeys(node.nodeId, 'witness');
    const keys = registrationKeys(node.nodeId, node.identity, stolen);
    for (const altered of [
      { ...moved, keys },
      { ...moved, endpoint: 'https://elsewhere.example:8443' },
      { ...moved, streamAddress: 'elsewhere.example:9443' },
      { ...moved, tags: [] },
      signedUpdate(updateOf(node), node, 'another-channel'),
    ])
      expect((await submit(node, altered)).error?.code).toBe('BAD_SIGNATURE');
    succeeded(await submit(node, moved));
    expect((await submit(node, moved)).error?.code).toBe('BAD_STATE');
    expect((await submit(node, { ...moved, keyEpoch: 2 })).error?.code).toBe('BAD_SIGNATURE');
  });
});

describe('a node', () => {
  it('changes its keys by a signature of the present one, and is bound to the new one from then on', async () => {
    const node = await registry.registered();
    const fresh = await newHeldKeys(node.nodeId, 'witness');
    const keys = registrationKeys(node.nodeId, node.identity, fresh);
    succeeded(await submit(node, signedUpdate(updateOf(node, { keys }), node)));
    expect(keysOf(node).sign).toBe(keys.sign.publicKey);
    const back = updateOf(node, { keyEpoch: 2 });
    expect((await submit(node, signedUpdate(back, node))).error?.code).toBe('BAD_SIGNATURE');
    succeeded(await submit(node, signedUpdate(back, fresh)));
  });

  it('changes its keys while it waits for approval, by the same rule', async () => {
    const node = await registry.registered({ attributes: {} });
    const fresh = await newHeldKeys(node.nodeId, 'witness');
    const keys = registrationKeys(node.nodeId, node.identity, fresh);
    const document = updateOf(node, { keys });
    expect((await submit(node, signedUpdate(document, fresh))).error?.code).toBe('BAD_SIGNATURE');
    succeeded(await submit(node, signedUpdate(document, node)));
  });

  it('whose key is lost is retired by its identity', async () => {
    const node = await registry.registered();
    const { nodeId } = node;
    succeeded(await registry.ledger.submit(node.identity, TRANSACTIONS.retireNode, { nodeId }));
  });
});
