import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { HarnessOutcome } from '@eko/embedded-ledger';
import { randomUUID } from 'node:crypto';
import { RegistryDriver } from '../../../support/contracts/registry-driver';
import {
  newTestNetwork,
  standingOffer,
  streamRequest,
  type TestNetwork,
} from '../../../support/contracts/test-network';
import { succeeded } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

/** 16 bytes in three forms, and cut into parts that are nothing by themselves. */
const HEX = '9f86d081884c7d659a2feaa0c55ad015';
const BASE64 = 'gW5mTqk2Rj9XvL0sPz7YbQ';
const BASE32 = 'jbswy3dpk5xxe3dejz2g64dfmm2q';
const PARTS = ['9f86d081', '884c7d65', '9a2feaa0', 'c55ad015'];

const registry = new RegistryDriver();
let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

function expectRefused({ error }: HarnessOutcome, secrets: readonly string[]): void {
  expect(error?.code).toBe('SECRET_IN_METADATA');
  for (const secret of secrets) expect(error?.message).not.toContain(secret);
}

describe('a secret in what a node says of itself', () => {
  it.each([
    ['its name', { nodeId: HEX }],
    ['its name, in another form', { nodeId: BASE32 }],
    ['its name, in parts', { nodeId: PARTS.join('-') }],
    ['its endpoint', { endpoint: `https://${HEX}.example:8443` }],
    ['labels of its endpoint', { endpoint: `https://${PARTS.join('.')}.example:8443` }],
    ['its address for streams', { streamAddress: `${BASE64}.example:9443` }],
    ['its zone', { zone: BASE64 }],
    ['its tags', { tags: ['hsm', BASE64] }],
    ['its tags, in parts', { tags: PARTS }],
  ])('is refused in %s', async (_where, change) => {
    const description = 'nodeId' in change ? { nodeId: change.nodeId } : {};
    const node = await registry.newNode({ role: 'party', ...description });
    expectRefused(await registry.register(node, change), [HEX, BASE64, BASE32, ...PARTS]);
  });

  it('is refused in an update, too', async () => {
    const node = await registry.registered();
    expectRefused(await registry.update(node, { zone: BASE64 }), [BASE64]);
    expectRefused(await registry.update(node, { endpoint: `https://${HEX}.example:8443` }), [HEX]);
  });

  it('is not what a load balancer’s name is taken for', async () => {
    for (const host of [
      'a5d2c3f1e4b6a7890123456789abcdef-1234567890.eu-west-1.elb.amazonaws.com',
      'k8s-default-myservic-1a2b3c4d5e-0123456789abcdef.elb.eu-central-1.amazonaws.com',
    ])
      succeeded(await registry.register(await registry.newNode(), { endpoint: `https://${host}:443` }));
  });
});

describe('a secret in a request or an offer', () => {
  const request = (change: object): Promise<HarnessOutcome> => {
    const [first] = streamRequest().requests;
    const requests = [{ ...first!, ...change }];
    const argument = streamRequest({ bundleId: randomUUID(), requests });
    return network.ledger.submit(network.initiator.identity, TRANSACTIONS.requestStreams, argument);
  };

  it.each([
    ['the kind of data', { dataType: BASE64 }],
    ['permissions', { permissions: ['read', `app:${BASE64}`] }],
    ['a label', { labels: { site: BASE64 } }],
    ['several labels', { labels: Object.fromEntries(PARTS.map((part, place) => [`part${place}`, part])) }],
  ])('is refused in %s', async (_where, change) => {
    expectRefused(await request(change), [BASE64, ...PARTS]);
  });

  it('is refused in the name of an offer, what it covers and whom it is for', async () => {
    const { provider, ledger } = network;
    const { nodeId, identity } = provider;
    for (const change of [
      { offerId: HEX },
      { dataTypes: PARTS },
      { dataTypes: [BASE64] },
      { msps: [BASE64] },
    ]) {
      const offer = { nodeId, offer: standingOffer(change) };
      expectRefused(await ledger.submit(identity, TRANSACTIONS.publishOffer, offer), [HEX, BASE64, ...PARTS]);
    }
  });

  it('is not what plain words are taken for', async () => {
    const labels = { order: randomUUID(), commit: '9278691', day: '20261130', site: 'north field, hall 7' };
    succeeded(await request({ dataType: 'sensors/north-field/station-7/temperature/hourly', labels }));
  });
});
