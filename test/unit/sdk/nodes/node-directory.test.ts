import { EVENTS, TRANSACTIONS, encodeBase64Url, type LedgerEvent, type NodeRecord } from '@eko/protocol';
import { NodeDirectory, certificateFingerprint } from '@eko/sdk';
import { FakeLedger, txIdOf } from '../../../support/sdk/fake-ledger';

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

  it('says which node is missing', () => {
    expect(() => new NodeDirectory().require('b')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', details: { nodeId: 'b' } }) as Error,
    );
  });
});
