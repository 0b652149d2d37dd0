import { EVENTS, RETENTION_MS, TRANSACTIONS, type LedgerEvent, type NodeRecord } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { NodeDirectory, certificateFingerprint } from '@eko/sdk/node';
import { FakeLedger, txIdOf } from '../../../support/simulated/fake-ledger';

const bytes32 = `${'A'.repeat(42)}A`;
const node = (nodeId: string, change: Partial<NodeRecord> = {}): NodeRecord => ({
  nodeId,
  role: 'witness',
  mspId: 'Org1MSP',
  identity: bytes32,
  status: 'active',
  keyEpoch: 1,
  keys: {
    tls: encodeBase64Url(Buffer.from(`certificate of ${nodeId}`)),
    kem: { suite: 'x25519', publicKey: bytes32 },
    sign: bytes32,
  },
  offers: [],
  txId: txIdOf(nodeId),
  ...change,
});
const fingerprint = (text: string): string => certificateFingerprint(Buffer.from(text));
const changed = (record: NodeRecord): LedgerEvent => ({
  name: EVENTS.nodeUpdated,
  payload: { node: record },
  blockNumber: 1n,
  txId: txIdOf('x'),
});

describe('NodeDirectory', () => {
  it('loads every page', async () => {
    const all = Array.from({ length: 250 }, (_, index) => node(`n${String(index).padStart(3, '0')}`));
    const ledger = new FakeLedger().handle(
      TRANSACTIONS.listNodes,
      ({ after, limit }: { after?: string; limit: number }) => {
        const rest = all.filter(({ nodeId }) => after === undefined || nodeId > after);
        const nodes = rest.slice(0, limit);
        const last = nodes.at(-1);
        return {
          result: { nodes, ...(rest.length > limit && last !== undefined ? { next: last.nodeId } : {}) },
        };
      },
    );
    const directory = await NodeDirectory.load(ledger);
    expect(directory.all()).toHaveLength(250);
    expect(directory.require('n249').nodeId).toBe('n249');
    expect(ledger.calls).toHaveLength(3);
  });

  it('finds nodes by certificate, and only by the present one', () => {
    const directory = new NodeDirectory();
    directory.apply(changed(node('a')));
    expect(directory.byCertificate(fingerprint('certificate of a'))?.nodeId).toBe('a');
    const keys = { ...node('a').keys, tls: encodeBase64Url(Buffer.from('a new certificate')) };
    directory.apply(changed(node('a', { keyEpoch: 2, keys })));
    expect(directory.byCertificate(fingerprint('certificate of a'))).toBeUndefined();
    expect(directory.byCertificate(fingerprint('a new certificate'))?.nodeId).toBe('a');
    directory.apply(changed(node('a', { keyEpoch: 2, keys, status: 'retired' })));
    expect(directory.byCertificate(fingerprint('a new certificate'))).toBeUndefined();
    expect(directory.get('a')?.status).toBe('retired');
  });

  it('is not taken back by replayed events', () => {
    const directory = new NodeDirectory();
    directory.apply(changed(node('a', { keyEpoch: 3, status: 'retired' })));
    directory.apply(changed(node('a', { keyEpoch: 2 })));
    directory.apply(changed(node('a', { keyEpoch: 3 })));
    expect(directory.get('a')).toMatchObject({ keyEpoch: 3, status: 'retired' });
    expect(directory.byCertificate(fingerprint('certificate of a'))).toBeUndefined();
  });

  it('keeps who is in service, and of those that are not only whom a living bundle can name', () => {
    const directory = new NodeDirectory(({ nodeId }) => nodeId === 'own');
    const beat = (atUnixMs: number): void =>
      directory.apply({
        name: EVENTS.heartbeat,
        payload: { nodeId: 'a', atUnixMs },
        blockNumber: 1n,
        txId: txIdOf('b'),
      });
    const start = 1_800_000_000_000;
    for (const nodeId of ['a', 'own']) directory.apply(changed(node(nodeId)));
    for (let count = 0; count < 200; count += 1) {
      directory.apply(changed(node(`rejected-${count}`, { status: 'pending' })));
      directory.apply(changed(node(`rejected-${count}`, { status: 'rejected' })));
    }
    expect(directory.all()).toHaveLength(2);
    beat(start);
    for (let count = 0; count < 200; count += 1)
      directory.apply(changed(node(`retired-${count}`, { status: 'retired' })));
    directory.apply(changed(node('own', { status: 'retired' })));
    // A stream of before may live for seven days, and its witness's receipts are signed by the key of then.
    beat(start + RETENTION_MS);
    expect(directory.get('retired-7')?.keys.sign).toBe(bytes32);
    expect(directory.all()).toHaveLength(202);
    directory.apply(changed(node('retired-7', { status: 'retired' })));
    beat(start + RETENTION_MS + 1);
    expect(directory.all().map(({ nodeId }) => nodeId)).toEqual(['a', 'own', 'retired-7']);
    beat(start + 2 * RETENTION_MS + 1);
    expect(directory.all().map(({ nodeId }) => nodeId)).toEqual(['a', 'own']);
  });

  it('says which node is missing', () => {
    expect(() => new NodeDirectory().require('b')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', details: { nodeId: 'b' } }) as Error,
    );
  });
});
