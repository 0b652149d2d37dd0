import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { encodeHex } from '@eko/protocol/encoding';
import { proveNodeKeys, verifyNodeKeys } from '@eko/protocol/crypto';
import { loadNodeKeys, type NodeKeyOwner, initNodeKeys } from '@eko/sdk/node';
import { NODE_KEY_FILES } from '../../../../client-sdk/sdk/src/keys/node-keys';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();
const orchestrator: NodeKeyOwner = { nodeId: 'orchestrator-1', role: 'orchestrator' };

async function newKeys(owner = orchestrator): Promise<string> {
  const folder = join(newFolder(), 'keys');
  await initNodeKeys(folder, owner);
  return folder;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('node keys', () => {
  it('are files that only their owner can read', async () => {
    const folder = await newKeys();
    expect(modeOf(folder)).toBe('700');
    expect(readdirSync(folder).sort()).toEqual(Object.values(NODE_KEY_FILES).sort());
    for (const file of readdirSync(folder)) expect(modeOf(join(folder, file))).toBe('600');
  });

  it('have no VRF seed where the role has no use for one', async () => {
    const folder = await newKeys({ nodeId: 'w1', role: 'witness' });
    expect(readdirSync(folder)).not.toContain(NODE_KEY_FILES.vrfSeed);
    using keys = loadNodeKeys(folder, { nodeId: 'w1', role: 'witness' });
    expect(keys.seeds.vrf).toBeUndefined();
  });

  it('are never replaced', async () => {
    const folder = await newKeys();
    expect((await rejectionOf(initNodeKeys(folder, orchestrator))).code).toBe('ALREADY_EXISTS');
  });

  it('prove themselves to the registry, with a certificate that signs itself', async () => {
    using keys = loadNodeKeys(await newKeys(), orchestrator);
    const owner = { nodeId: 'orchestrator-1', identity: 'x' };
    verifyNodeKeys(proveNodeKeys(keys.seeds, owner), owner);
    const certificate = new X509Certificate(keys.tls.certificateDer);
    expect(certificate.subject).toBe('CN=orchestrator-1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.raw.length).toBeLessThan(1024);
  });

  it('do not show when they are printed, and are wiped on disposal', async () => {
    const keys = loadNodeKeys(await newKeys(), orchestrator);
    const hex = keys.storeKey.use(encodeHex);
    expect(inspect(keys, { depth: 5 })).not.toContain(hex);
    keys.dispose();
    expect(keys.storeKey.isDisposed && keys.seeds.kem.isDisposed && keys.seeds.vrf?.isDisposed).toBe(true);
    expect(keys.kemPrivateKey.isDisposed).toBe(true);
    expect(keys.tls.key.every((byte) => byte === 0)).toBe(true);
  });

  const damages: readonly [string, string, (folder: string, file: string) => void | Promise<void>][] = [
    ['missing', 'kem.seed', (_, file) => rmSync(file)],
    ['readable for the group', 'store.key', (_, file) => chmodSync(file, 0o640)],
    ['readable for all', 'tls.key', (_, file) => chmodSync(file, 0o604)],
    ['short', 'sign.seed', (_, file) => writeFileSync(file, 'short')],
    ['long', 'vrf.seed', (_, file) => writeFileSync(file, Buffer.alloc(33))],
    ['empty', 'tls.crt', (_, file) => writeFileSync(file, '')],
    [
      'a link',
      'kem.seed',
      (folder, file) => {
        rmSync(file);
        symlinkSync(join(folder, 'sign.seed'), file);
      },
    ],
    ["another node's", 'tls.crt', async (_, file) => copyFileSync(join(await newKeys(), 'tls.crt'), file)],
  ];
  it.each(damages)('are refused with a file that is %s: %s', async (_how, name, damage) => {
    const folder = await newKeys();
    const file = join(folder, name);
    await damage(folder, file);
    const error = await rejectionOf(() => loadNodeKeys(folder, orchestrator));
    expect([error.code, error.details]).toEqual(['INVALID_CONFIG', { file }]);
  });

  it('are refused in a folder that others can enter, or that is missing', async () => {
    const folder = await newKeys();
    chmodSync(folder, 0o750);
    const error = await rejectionOf(() => loadNodeKeys(folder, orchestrator));
    expect([error.code, error.details]).toEqual(['INVALID_CONFIG', { file: folder }]);
    expect((await rejectionOf(() => loadNodeKeys(`${folder}-not`, orchestrator))).code).toBe(
      'INVALID_CONFIG',
    );
  });

  it('are refused under another node ID', async () => {
    const folder = await newKeys();
    const error = await rejectionOf(() => loadNodeKeys(folder, { ...orchestrator, nodeId: 'other' }));
    expect(error.code).toBe('INVALID_CONFIG');
  });
});
