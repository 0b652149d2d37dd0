import { CertificateAuthority } from '@eko/msp';
import { networkEnvironment, openLayout } from '@eko/local-network';
import { credentials } from '@grpc/grpc-js';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChaincodeProcess } from '../support/processes/chaincode-process';
import { FakePeer } from '../support/processes/fake-peer';
import { canInstall } from '../support/processes/npm-install';
import { eko, ekoJson } from '../support/processes/eko-process';
import { AdministratorShell } from './administrator-shell';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { addNodeBuilder } from './node-builder';
import { temporaryFolders } from '../support/temporary-folder';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/skip';

jest.setTimeout(240_000);

const newFolder = temporaryFolders();
const ROOT = join(__dirname, '../..');
const MISSING = hasFabricPrograms() ? 'npm reaches no registry' : NO_FABRIC;

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** What GetMetadata answers: the reviewed interface, under the name and version of the chaincode. */
function expectedMetadata(): object {
  const { name, version } = readJson('chaincode/package.json') as { name: string; version: string };
  const reviewed = readJson('test/vectors/chaincode-metadata.json') as object;
  return { ...reviewed, info: { title: name, version } };
}

/** docs/deploy-fabric.md, followed by the administrators of two organisations on a network of real processes. */
describeIf(hasFabricPrograms() && canInstall(), MISSING, 'the page on deploying, followed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-deploy-'));
  const folders = [newFolder(), newFolder()] as const;
  let own: AdministratorShell;
  let administrators: readonly [AdministratorShell, AdministratorShell];
  let serviceAddress: string;

  const metadataFrom = async (shell: AdministratorShell): Promise<unknown> =>
    JSON.parse(await shell.follow('smoke-test'));

  beforeAll(async () => {
    const choices = ['--base-port', String(await freeBasePort()), '--organisations', '2'];
    await ekoJson('fabric', 'up', '--directory', directory, ...choices);
    addNodeBuilder((await openLayout(directory)).builder);
    const [first, second] = await Promise.all(
      ['Org1MSP', 'Org2MSP'].map((mspId) => networkEnvironment(directory, mspId)),
    );
    serviceAddress = `127.0.0.1:${await freePort()}`;
    const more = {
      CHAINCODE_NAME: 'deployed',
      SERVICE_ADDRESS: serviceAddress,
      PEER1_ADDRESS: first!['CORE_PEER_ADDRESS']!,
      PEER1_TLS_ROOT: first!['CORE_PEER_TLS_ROOTCERT_FILE']!,
      PEER2_ADDRESS: second!['CORE_PEER_ADDRESS']!,
      PEER2_TLS_ROOT: second!['CORE_PEER_TLS_ROOTCERT_FILE']!,
    };
    own = await AdministratorShell.of(directory, 'Org1MSP', folders[0], {});
    administrators = [
      await AdministratorShell.of(directory, 'Org1MSP', folders[0], more),
      await AdministratorShell.of(directory, 'Org2MSP', folders[1], more),
    ];
  });

  afterAll(async () => {
    FakePeer.closeAll();
    await ChaincodeProcess.killAll();
    expect((await eko('fabric', 'down', '--directory', directory)).status).toBe(0);
    expect((await eko('fabric', 'reset', '--directory', directory)).status).toBe(0);
  });

  it('passes the smoke test on the chaincode that the network came with', async () => {
    expect(await metadataFrom(own)).toEqual(expectedMetadata());
  });

  it('has peers build and start the chaincode, from a package of theirs and from one of ours', async () => {
    const [first, second] = administrators;
    await first.follow('package');
    await second.follow('peer-package');
    for (const each of administrators) await each.follow('install');
    await first.follow('commit');
    for (const each of administrators) expect(await metadataFrom(each)).toEqual(expectedMetadata());
    const roster = await second.run(
      `peer chaincode query -C "$CHANNEL_NAME" -n "$CHAINCODE_NAME" -c '{"Args":["registry:ReadRoster","{\\"role\\":\\"witness\\"}"]}'`,
    );
    expect(JSON.parse(roster)).toMatchObject({ entries: [] });
  });

  it('upgrades it to a service with TLS on both sides', async () => {
    const [first, second] = administrators;
    const authority = await CertificateAuthority.create('tlsca', 'operator');
    const service = await authority.issue({ commonName: 'chaincode', hosts: ['127.0.0.1', 'localhost'] });
    const peer = await authority.issue({ commonName: 'peers' });
    const files = {
      'ca.pem': authority.root.certificatePem,
      'cert.pem': service.certificatePem,
      'key.pem': service.privateKeyPem,
      'peer.pem': peer.certificatePem,
      'peer-key.pem': peer.privateKeyPem,
    };
    for (const [name, text] of Object.entries(files)) {
      for (const folder of folders) writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    // Both organisations package the way to the same service, and so get the same package ID.
    const ids = await Promise.all(
      [first, second].map(async (each) => {
        await each.follow('service-package');
        return (await each.run('peer lifecycle chaincode calculatepackageid eko_2.tar.gz')).trim();
      }),
    );
    expect(ids[0]).toBe(ids[1]);
    new ChaincodeProcess(first.commandFor('service'), folders[0], {
      EKO: ROOT,
      SERVICE_ADDRESS: serviceAddress,
      PACKAGE_ID: ids[0]!,
    });
    // It listens once it has answered somebody.
    const [root, key, certificate] = [files['ca.pem'], files['peer-key.pem'], files['peer.pem']].map((text) =>
      Buffer.from(text),
    );
    const localhost = serviceAddress.replace('127.0.0.1', 'localhost');
    await FakePeer.connectTo(localhost, credentials.createSsl(root, key, certificate));
    for (const each of administrators) await each.follow('upgrade');
    expect(await first.follow('upgrade-commit')).toContain('Sequence: 2');
    for (const each of administrators) expect(await metadataFrom(each)).toEqual(expectedMetadata());
  });
});
