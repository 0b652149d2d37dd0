import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS } from '@eko/protocol/ledger';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { importX25519Key } from '@eko/protocol/node';
import { EkoClient } from '@eko/sdk';
import { loadNodeKeys, initNodeKeys } from '@eko/sdk/node';
import { NODE_KEY_FILES } from '../../../../client-sdk/sdk/src/keys/node-keys';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';
import { INITIATOR } from '../../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../../support/simulated/client-harness';

jest.setTimeout(60_000);

const newFolder = temporaryFolders();

async function newKeys(nodeId: string): Promise<string> {
  const folder = join(newFolder(), 'keys');
  await initNodeKeys(folder, { nodeId, role: 'party' });
  return folder;
}

describe('a client with a key folder', () => {
  it('is the node that the folder belongs to', async () => {
    const harness = new ClientHarness();
    const keysDirectory = await newKeys(INITIATOR);
    using keys = loadNodeKeys(keysDirectory, { nodeId: INITIATOR, role: 'party' });
    const node = harness.nodes.get(INITIATOR);
    const publicKey = encodeBase64Url(importX25519Key(keys.kemPrivateKey).publicKey);
    node!.record.keys.kem.publicKey = publicKey;
    const seen: string[] = [];
    const client = await EkoClient.connect({
      ledger: harness.ledger,
      keysDirectory,
      observer: { onEvent: ({ name }) => seen.push(name) },
    });
    expect(client.nodeId).toBe(INITIATOR);
    expect(seen).toContain(EVENTS.heartbeat);
    await client.close();
  });

  it('is refused keys that are not the registered ones, or of no registered node', async () => {
    const { ledger } = new ClientHarness();
    const connect = (keysDirectory: string) => rejectionOf(EkoClient.connect({ ledger, keysDirectory }));
    expect((await connect(await newKeys(INITIATOR))).code).toBe('INVALID_CONFIG');
    expect((await connect(await newKeys('nobody'))).code).toBe('NOT_FOUND');
    expect(ledger.subscriptions).toBe(0);
  });

  it('is refused a folder that others can enter, or without a sound certificate', async () => {
    const { ledger } = new ClientHarness();
    const codeOf = async (keysDirectory: string) =>
      (await rejectionOf(EkoClient.connect({ ledger, keysDirectory }))).code;
    const open = await newKeys(INITIATOR);
    chmodSync(open, 0o755);
    expect(await codeOf(open)).toBe('INVALID_CONFIG');
    const broken = await newKeys(INITIATOR);
    writeFileSync(join(broken, NODE_KEY_FILES.tlsCertificate), 'no certificate');
    expect(await codeOf(broken)).toBe('INVALID_CONFIG');
    const mixed = await newKeys(INITIATOR);
    copyFileSync(join(await newKeys('other'), NODE_KEY_FILES.tlsCertificate), join(mixed, 'tls.crt'));
    expect(await codeOf(mixed)).toBe('INVALID_CONFIG');
  });
});
