import { CertificateAuthority } from '@eko/msp';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecyclePackage } from '../../../network/local/src/fabric/chaincode/lifecycle-package';
import { packedFiles } from '../../../network/local/src/fabric/chaincode/packed-files';
import { ChaincodeProcess } from '../../support/processes/chaincode-process';
import { FakePeer } from '../../support/processes/fake-peer';
import { canInstall, runInBuild } from '../../support/processes/npm-install';
import { fileInArchive, unpackArchive } from '../../support/data/unpacked';
import { temporaryFolders } from '../../support/temporary-folder';
import { freePort } from '../../support/free-port';
import { describeIf } from '../../support/skip';

jest.setTimeout(180_000);

const newFolder = temporaryFolders();
const CHAINCODE = join(__dirname, '../../../chaincode');
const ID = 'eko_0.1.0:6f98';

const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

describeIf(canInstall(), 'npm reaches no registry', 'the chaincode as a peer packs and installs it', () => {
  let installed: string;
  beforeAll(async () => {
    const { bytes } = lifecyclePackage('node', 'eko_0.1.0', await packedFiles(CHAINCODE));
    const unpacked = newFolder();
    unpackArchive(fileInArchive(bytes, 'code.tar.gz'), unpacked);
    installed = join(unpacked, 'src');
    await runInBuild('npm ci --omit=dev', installed);
  });
  afterEach(async () => {
    FakePeer.closeAll();
    await ChaincodeProcess.killAll();
  });

  const started = (env: Readonly<Record<string, string>>, ...args: readonly string[]): ChaincodeProcess =>
    new ChaincodeProcess(['npm', 'start', '--', ...args], installed, env);

  const served = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const address = `127.0.0.1:${await freePort()}`;
    started({ CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: ID, ...env });
    return address;
  };

  it('has nothing of EKO beside it, and the class-transformer that works', () => {
    const modules = join(installed, 'node_modules');
    expect(readdirSync(modules)).toContain('fabric-shim');
    expect(existsSync(join(modules, '@eko'))).toBe(false);
    expect(readJson(join(modules, 'class-transformer/package.json'))['version']).toBe('0.5.1');
  });

  it('says that there is nothing left to build', async () => {
    expect(await runInBuild('npm run build', installed)).toContain('nothing to do');
  });

  it('answers the peer that started it with the reviewed interface, and its own version', async () => {
    const peer = await FakePeer.waitFor((address) => {
      started({ CORE_CHAINCODE_ID_NAME: ID }, '--peer.address', address);
    });
    expect(peer.chaincodeId).toBe(ID);
    const { payload, ...outcome } = await peer.call('org.hyperledger.fabric:GetMetadata');
    expect(outcome).toEqual({ status: 200, message: '' });
    const reviewed = readJson(join(__dirname, '../../vectors/chaincode-metadata.json'));
    const { name, version } = readJson(join(CHAINCODE, 'package.json'));
    expect(JSON.parse(payload)).toEqual({ ...reviewed, info: { title: name, version } });
  });

  it('serves a peer, and refuses in our form what the contracts refuse', async () => {
    const peer = await FakePeer.connectTo(await served({}));
    expect(peer.chaincodeId).toBe(ID);
    expect(await peer.call('registry:ReadNode', '{ }')).toMatchObject({
      status: 500,
      message: expect.stringMatching(/^INVALID_ARGUMENT: /) as unknown,
    });
  });

  it('stops at once when it is asked to', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const env = { CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: ID };
    const chaincode = new ChaincodeProcess(['node', 'dist/bundle/main.js'], installed, env);
    await FakePeer.connectTo(address);
    expect((await chaincode.stop()).status).toBe(0);
  });

  // Once a later shim answers it instead, docs/deploy-fabric.md and `eko doctor` need not warn any more.
  it('ends when a peer sends a keepalive message, as the page on deploying warns', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const chaincode = started({ CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: ID });
    (await FakePeer.connectTo(address)).keepAlive();
    const { status, output } = await chaincode.end();
    expect(output).toContain('unknown message from the peer');
    expect(status).toBe(1);
  });

  it('says what is wrong with its environment', async () => {
    const chaincode = started({ CHAINCODE_SERVER_ADDRESS: '0.0.0.0:9999' });
    const { status, output } = await chaincode.end();
    expect(output).toContain('eko chaincode: INVALID_CONFIG: Set CHAINCODE_ID');
    expect(status).toBe(78);
  });

  it('does not start where it cannot verify proofs', async () => {
    const env = { CHAINCODE_SERVER_ADDRESS: '127.0.0.1:1', CHAINCODE_ID: ID };
    const chaincode = new ChaincodeProcess(['node', '--jitless', 'dist/bundle/main.js'], installed, env);
    const { status, output } = await chaincode.end();
    expect(output).toContain('eko chaincode: INVALID_CONFIG: libsodium does not work in this process');
    expect(status).toBe(78);
  });

  describe('with TLS', () => {
    let tlsEnv: Readonly<Record<string, string>>;
    let known: ChannelCredentials;
    let unknown: ChannelCredentials;
    let address: string;
    beforeAll(async () => {
      const authority = await CertificateAuthority.create('tlsca', 'org1');
      const service = await authority.issue({ commonName: 'chaincode', hosts: ['localhost'] });
      const { privateKeyPem, certificatePem } = await authority.issue({ commonName: 'peer0' });
      const root = Buffer.from(authority.root.certificatePem);
      known = credentials.createSsl(root, Buffer.from(privateKeyPem), Buffer.from(certificatePem));
      unknown = credentials.createSsl(root);
      const folder = newFolder();
      const written = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text, { mode: 0o600 });
        return join(folder, name);
      };
      tlsEnv = {
        CHAINCODE_TLS_DISABLED: 'false',
        CHAINCODE_TLS_KEY: written('key.pem', service.privateKeyPem),
        CHAINCODE_TLS_CERT: written('cert.pem', service.certificatePem),
        CHAINCODE_CLIENT_CA_CERT: written('ca.pem', authority.root.certificatePem),
      };
    });
    beforeEach(async () => {
      address = (await served(tlsEnv)).replace('127.0.0.1', 'localhost');
    });

    it('serves a peer that it knows', async () => {
      const peer = await FakePeer.connectTo(address, known);
      expect((await peer.call('org.hyperledger.fabric:GetMetadata')).status).toBe(200);
    });

    it('serves no peer without a certificate', async () => {
      // One that it knows comes first, so that the service is there for certain.
      await FakePeer.connectTo(address, known);
      await expect(FakePeer.connectTo(address, unknown, { waits: false })).rejects.toMatchObject({
        code: 14,
      });
    });
  });
});
