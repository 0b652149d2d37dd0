import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ChaincodeProcess } from '../../support/processes/chaincode-process';
import { buildByHand, type BuiltImage } from './container-build';
import { FakePeer } from '../../support/processes/fake-peer';
import { canInstall } from '../../support/processes/npm-install';
import { temporaryFolders } from '../../support/temporary-folder';
import { freePort } from '../../support/free-port';
import { describeIf } from '../../support/skip';

jest.setTimeout(180_000);

const newFolder = temporaryFolders();
const CHAINCODE = join(__dirname, '../../../chaincode');
const ID = 'eko_1.0:6f98';

/** The build context: only what .dockerignore lets through, which is a list of exceptions from "nothing". */
function contextOf(folder: string): string {
  const context = newFolder();
  const [first, ...exceptions] = readFileSync(join(folder, '.dockerignore'), 'utf8').trim().split('\n');
  if (first !== '*') throw new Error('.dockerignore is expected to keep everything out first');
  for (const path of exceptions.map((line) => line.slice(1))) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    cpSync(join(folder, path), join(context, path), { recursive: true });
  }
  return context;
}

describeIf(canInstall(), 'npm reaches no registry', 'the Dockerfile, carried out by hand', () => {
  let image: BuiltImage;
  beforeAll(async () => {
    image = await buildByHand(join(CHAINCODE, 'Dockerfile'), contextOf(CHAINCODE), newFolder);
  });
  afterEach(async () => {
    FakePeer.closeAll();
    await ChaincodeProcess.killAll();
  });

  it('starts from one exact version of Node, and runs as nobody in particular', () => {
    expect(image.user).toBe('node');
    expect(new Set(image.bases).size).toBe(1);
    expect(image.bases[0]).toMatch(/^node:\d+\.\d+\.\d+-[a-z-]+$/);
  });

  it('leaves sources and build tools out', () => {
    for (const absent of [
      'src',
      'build.mjs',
      'dist/index.js',
      'node_modules/typescript',
      'node_modules/@eko',
    ]) {
      expect([absent, existsSync(join(image.workingFolder, absent))]).toEqual([absent, false]);
    }
  });

  it('makes a service that is run as deployCCAAS runs it, and stops when it is told', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const chaincode = new ChaincodeProcess(image.command, image.workingFolder, {
      ...image.environment,
      CHAINCODE_SERVER_ADDRESS: address,
      CHAINCODE_ID: ID,
      CORE_CHAINCODE_ID_NAME: ID,
    });
    const peer = await FakePeer.connectTo(address);
    expect(peer.chaincodeId).toBe(ID);
    expect((await peer.call('org.hyperledger.fabric:GetMetadata')).status).toBe(200);
    expect((await chaincode.stop()).status).toBe(0);
  });
});
