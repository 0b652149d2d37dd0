import { CertificateAuthority } from '@eko/embedded-ledger/identity';
import { openLayout } from '@eko/fabric-network';
import { credentials } from '@grpc/grpc-js';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChaincodeProcess } from '../support/chaincode/chaincode-process';
import { FakePeer } from '../support/chaincode/fake-peer';
import { canInstall } from '../support/chaincode/npm-install';
import { commandLine } from '../support/cli/command-line';
import { eko, ekoJson } from '../support/cli/eko-process';
import { hasFabricPrograms, NO_FABRIC } from '../support/fabric/fabric-programs';
import { freeBasePort } from '../support/fabric/free-base-port';
import { addNodeBuilder } from '../support/fabric/node-builder';
import { PeerCommand } from '../support/fabric/peer-command';
import { temporaryFolders } from '../support/node-kit/temporary-folder';
import { freePort } from '../support/orchestrator/free-port';
import { describeIf } from '../support/skip';

jest.setTimeout(240_000);

const newFolder = temporaryFolders();
const CHAINCODE = join(__dirname, '../../chaincode');
const GET_METADATA = 'org.hyperledger.fabric:GetMetadata';
const NAME = 'deployed';
const MISSING = hasFabricPrograms() ? 'npm reaches no registry' : NO_FABRIC;

/** What a person does with Fabric's own commands and nothing of ours but the chaincode; the steps follow each other. */
describeIf(hasFabricPrograms() && canInstall(), MISSING, 'the chaincode on a real peer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-deploy-'));
  const packages = newFolder();
  let org1: PeerCommand;
  let org2: PeerCommand;

  const { name: title, version } = JSON.parse(readFileSync(join(CHAINCODE, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const reviewed = JSON.parse(
    readFileSync(join(__dirname, '../vectors/chaincode-metadata.json'), 'utf8'),
  ) as object;

  const packaged = async (file: string, ...options: readonly string[]): Promise<string> => {
    const output = join(packages, file);
    const { status, stderr } = await commandLine(['chaincode', 'package', '--output', output, ...options]);
    if (status !== 0) throw new Error(stderr);
    return output;
  };

  /** Installs each organisation's package, approves and commits: the whole life cycle. */
  const deployed = async (sequence: number, package1: string, package2: string): Promise<void> => {
    const terms = [
      ...['--channelID', org1.variable('CHANNEL_NAME'), '--name', NAME],
      ...['--version', String(sequence), '--sequence', String(sequence)],
    ];
    for (const [organisation, file] of [
      [org1, package1],
      [org2, package2],
    ] as const) {
      await organisation.run('lifecycle', 'chaincode', 'install', file);
      const id = (await organisation.run('lifecycle', 'chaincode', 'calculatepackageid', file)).trim();
      await organisation.order('approveformyorg', ...terms, '--package-id', id);
    }
    await org1.order('commit', ...terms, ...org1.asEndorser, ...org2.asEndorser);
  };

  beforeAll(async () => {
    const choices = ['--base-port', String(await freeBasePort()), '--organisations', '2'];
    await ekoJson('fabric', 'up', '--directory', directory, ...choices);
    addNodeBuilder((await openLayout(directory)).builder);
    org1 = await PeerCommand.of(directory, 'Org1MSP');
    org2 = await PeerCommand.of(directory, 'Org2MSP');
  });

  afterAll(async () => {
    await ChaincodeProcess.killAll();
    expect((await eko('fabric', 'down', '--directory', directory)).status).toBe(0);
    expect((await eko('fabric', 'reset', '--directory', directory)).status).toBe(0);
  });

  it('passes the smoke test of Fabric on a network of ours', async () => {
    const metadata = await org1.query(org1.variable('CHAINCODE_NAME'), GET_METADATA);
    expect(metadata).toEqual({ ...reviewed, info: { title, version } });
  });

  it('is built and started by peers, from a package of theirs and from one of ours', async () => {
    const theirs = join(packages, 'theirs.tar.gz');
    await org1.run(
      ...[
        'lifecycle',
        'chaincode',
        'package',
        theirs,
        '--path',
        CHAINCODE,
        '--lang',
        'node',
        '--label',
        'eko_1',
      ],
    );
    await deployed(1, theirs, await packaged('ours.tar.gz', '--label', 'eko_1'));
    for (const organisation of [org1, org2]) {
      expect(await organisation.query(NAME, GET_METADATA)).toEqual({ ...reviewed, info: { title, version } });
      expect(await organisation.query(NAME, 'registry:ReadRoster', '{"role":"witness"}')).toMatchObject({
        entries: [],
      });
    }
  });

  it('is upgraded to a service with TLS on both sides, from a package of ours', async () => {
    const authority = await CertificateAuthority.create('tlsca', 'operator');
    const service = await authority.issue({ commonName: 'chaincode', hosts: ['127.0.0.1', 'localhost'] });
    const client = await authority.issue({ commonName: 'peers' });
    const files = Object.fromEntries(
      Object.entries({
        root: authority.root.certificatePem,
        cert: service.certificatePem,
        key: service.privateKeyPem,
        peerCert: client.certificatePem,
        peerKey: client.privateKeyPem,
      }).map(([name, text]) => {
        const file = join(packages, `${name}.pem`);
        writeFileSync(file, text, { mode: 0o600 });
        return [name, file];
      }),
    ) as Record<'root' | 'cert' | 'key' | 'peerCert' | 'peerKey', string>;
    const address = `127.0.0.1:${await freePort()}`;
    const file = await packaged(
      'service.tar.gz',
      ...['--label', 'eko_2', '--ccaas', '--address', address, '--tls', '--root-cert', files.root],
      ...['--client-cert', files.peerCert, '--client-key', files.peerKey],
    );
    const id = (await org1.run('lifecycle', 'chaincode', 'calculatepackageid', file)).trim();
    new ChaincodeProcess(['npm', 'start'], CHAINCODE, {
      CHAINCODE_SERVER_ADDRESS: address,
      CHAINCODE_ID: id,
      CHAINCODE_TLS_DISABLED: 'false',
      CHAINCODE_TLS_KEY: files.key,
      CHAINCODE_TLS_CERT: files.cert,
      CHAINCODE_CLIENT_CA_CERT: files.root,
    });
    // It listens once it has answered somebody.
    const pems = [files.root, files.peerKey, files.peerCert].map((each) => readFileSync(each));
    await FakePeer.connectTo(
      address.replace('127.0.0.1', 'localhost'),
      credentials.createSsl(...(pems as [Buffer, Buffer, Buffer])),
    );
    FakePeer.closeAll();
    await deployed(2, file, file);
    for (const organisation of [org1, org2]) {
      expect(await organisation.query(NAME, GET_METADATA)).toEqual({ ...reviewed, info: { title, version } });
    }
  });
});
