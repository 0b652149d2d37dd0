import { issueIdentity } from '@eko/msp';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectionProfile, init, json } from '../../../support/in-process/init-command';
import { openOrganisation } from '../../../support/in-process/ledger-harness';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();
const NEITHER = 'neither YAML nor JSON';

describe('eko init --connection-profile', () => {
  let folder: string;
  let authority: string;
  let identity: readonly string[];
  let output: string;
  const put = (name: string, text: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const fromProfile = (file: string, ...args: readonly string[]): Promise<Record<string, unknown>> =>
    init('--connection-profile', file, ...identity, '--output', output, ...args);

  beforeEach(async () => {
    folder = newFolder();
    output = join(folder, 'fabric.json');
    const organisation = await openOrganisation(folder, 1);
    const { certificatePem, privateKeyPem } = await issueIdentity(organisation, { name: 'carol' });
    const key = put('carol.key', privateKeyPem);
    chmodSync(key, 0o600);
    authority = organisation.ca.root.certificatePem;
    const ca = put('ca.pem', authority);
    identity = ['--certificate', put('carol.pem', certificatePem), '--key', key, '--ca', ca];
  });

  it('writes a profile, with the TLS authority beside it', async () => {
    const connection = put('connection.json', JSON.stringify(connectionProfile(1, authority)));
    expect(await fromProfile(connection)).toMatchObject({ status: 0, profiles: [{ file: output }] });
    expect(json(output)).toEqual({
      endpoint: 'localhost:7051',
      hostAlias: 'peer0.org1.example.com',
      mspId: 'Org1MSP',
      channel: 'mychannel',
      chaincode: 'eko',
      tlsCaPath: join(folder, 'fabric.tls-ca.pem'),
      certificatePath: join(folder, 'carol.pem'),
      privateKeyPath: join(folder, 'carol.key'),
    });
    expect(readFileSync(join(folder, 'fabric.tls-ca.pem'), 'utf8')).toBe(authority);
  });

  it('reads YAML as well as JSON, and the authority’s file where that is named', async () => {
    const connection = put(
      'connection.yaml',
      [
        '---',
        'client: { organization: Org2 }',
        'organizations:',
        '  Org1: { mspid: Org1MSP, peers: [peer0.org1] }',
        '  Org2: { mspid: Org2MSP, peers: [peer0.org2, peer1.org2] }',
        'channels: { one: {}, two: {} }',
        'peers:',
        '  peer0.org1: { url: "grpcs://one:7051", tlsCACerts: { path: ca.pem } }',
        '  peer0.org2: { url: "grpcs://two:7051", tlsCACerts: { path: ca.pem } }',
        '  peer1.org2:',
        '    url: grpcs://three:7051',
        '    tlsCACerts: { path: ca.pem }',
        '    grpcOptions: { hostnameOverride: peer1 }',
      ].join('\n'),
    );
    await fromProfile(connection);
    expect(json(output)).toMatchObject({ endpoint: 'two:7051', mspId: 'Org2MSP', channel: 'mychannel' });
    expect(json(output)).toMatchObject({ tlsCaPath: join(folder, 'ca.pem') });
    await fromProfile(connection, '--force', '--peer', 'peer1.org2', '--channel', 'two');
    expect(json(output)).toMatchObject({ endpoint: 'three:7051', hostAlias: 'peer1', channel: 'two' });
    await fromProfile(connection, '--force', '--msp', 'Org1MSP');
    expect(json(output)).toMatchObject({ endpoint: 'one:7051', mspId: 'Org1MSP' });
    expect(await fromProfile(connection, '--force', '--peer', 'peer9')).toMatchObject({
      message: expect.stringContaining('peer0.org2, peer1.org2') as string,
    });
  });

  it.each([
    ['one that is not there', () => join(folder, 'absent.json'), 'NOT_FOUND', 'absent.json'],
    ['one that is far too large', () => put('c.yaml', `# ${'x'.repeat(300_000)}`), 'TOO_LARGE', 'bytes'],
    ['text that is neither JSON nor YAML', () => put('c.json', '{"a": [}'), 'INVALID_CONFIG', NEITHER],
    [
      'aliases, which make a small file large',
      () => put('c.yaml', 'a: &a [x]\nb: *a\n'),
      'INVALID_CONFIG',
      NEITHER,
    ],
    ['nesting without end', () => put('c.yaml', '['.repeat(200_000)), 'INVALID_CONFIG', NEITHER],
    ['a key given twice', () => put('c.yaml', 'peers: {}\npeers: {}\n'), 'INVALID_CONFIG', NEITHER],
    ['a list', () => put('c.json', '[]'), 'INVALID_CONFIG', 'section'],
    ['no organisations', () => put('c.json', '{}'), 'INVALID_CONFIG', 'organizations must be'],
    ['no peer', () => put('c.json', without('peers')), 'INVALID_CONFIG', 'peers must be'],
    [
      'a peer without TLS',
      () => put('c.json', changed({ url: 'grpc://localhost:1' })),
      'INVALID_CONFIG',
      'with TLS only',
    ],
    [
      'an address of another form',
      () => put('c.json', changed({ url: 'localhost:1' })),
      'INVALID_CONFIG',
      'grpcs://host:port',
    ],
    [
      'no authority',
      () => put('c.json', changed({ tlsCACerts: {} })),
      'INVALID_CONFIG',
      'tlsCACerts.pem (or path)',
    ],
    [
      'an authority that is none',
      () => put('c.json', changed({})),
      'INVALID_CONFIG',
      'no certificate in PEM',
    ],
    [
      'an authority that is not there',
      () => put('c.json', changed({ tlsCACerts: { path: 'x' } })),
      'NOT_FOUND',
      '/x',
    ],
  ])('refuses %s', async (_what, file, code, words) => {
    expect(await fromProfile(file())).toMatchObject({
      code,
      message: expect.stringContaining(words) as string,
    });
    expect(existsSync(output)).toBe(false);
  });

  it('needs to be told the identity', async () => {
    const connection = put('connection.json', JSON.stringify(connectionProfile(1, 'pem')));
    expect(await init('--connection-profile', connection)).toMatchObject({
      status: 2,
      details: { option: 'certificate' },
    });
  });
});

/** A connection profile that lacks a section. */
const without = (name: string): string =>
  JSON.stringify({ ...connectionProfile(1, 'pem'), [name]: undefined });

/** One with another peer. */
function changed(peer: Record<string, unknown>): string {
  const profile = connectionProfile(1, 'pem');
  for (const [name, facts] of Object.entries(profile.peers)) profile.peers[name] = { ...facts, ...peer };
  return JSON.stringify(profile);
}
