import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLayout } from '@eko/local-network';
import { commandLine } from '../support/in-process/command-line';
import { eko, ekoJson } from '../support/processes/eko-process';
import { connectionProfile, json } from '../support/in-process/init-command';
import { AdministratorShell } from './administrator-shell';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { until } from '../support/until';
import { temporaryFolders } from '../support/temporary-folder';
import { freePort } from '../support/free-port';
import { describeIf } from '../support/skip';

jest.setTimeout(180_000);

const newFolder = temporaryFolders();
const USER_MSP = 'organizations/peerOrganizations/org1.example.com/users/User1@org1.example.com/msp';
const SLOW_START_MS = 60_000;

interface Doctor {
  readonly findings: readonly { readonly check: string; readonly status: string; readonly code?: string }[];
}

/** The part of docs/deploy-fabric.md on networks that exist, on one that is laid out as test-network. */
describeIf(hasFabricPrograms(), NO_FABRIC, 'an existing network, by its page', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-existing-'));
  const folder = newFolder();
  const network = join(folder, 'test-network');
  let shell: AdministratorShell;
  let witnessPort: number;
  let operationsPort: number;
  const profile = join(folder, 'fabric.json');

  beforeAll(async () => {
    const choices = ['--base-port', String(await freeBasePort()), '--organisations', '2'];
    await ekoJson('fabric', 'up', '--directory', directory, ...choices);
    cpSync((await openLayout(directory)).crypto, join(network, 'organizations'), { recursive: true });
    [witnessPort, operationsPort] = [await freePort(), await freePort()];
    const own = await AdministratorShell.of(directory, 'Org1MSP', folder, {});
    const connection = join(network, 'organizations/peerOrganizations/org1.example.com/connection-org1.json');
    const pem = readFileSync(own.variable('CORE_PEER_TLS_ROOTCERT_FILE'), 'utf8');
    const endpoint = own.variable('PEER_ENDPOINT');
    writeFileSync(connection, JSON.stringify(connectionProfile(1, pem, { endpoint })));
    shell = await AdministratorShell.of(directory, 'Org1MSP', folder, {
      NETWORK: network,
      CONNECTION_PROFILE: connection,
      CERTIFICATE: join(network, USER_MSP, 'signcerts/User1@org1.example.com-cert.pem'),
      KEY: join(network, USER_MSP, 'keystore/priv_sk'),
      WITNESS_ENDPOINT: `https://127.0.0.1:${witnessPort}`,
      WITNESS_PORT: String(witnessPort),
      WITNESS_OPERATIONS_PORT: String(operationsPort),
    });
  });

  afterAll(async () => {
    expect((await eko('fabric', 'down', '--directory', directory)).status).toBe(0);
    expect((await eko('fabric', 'reset', '--directory', directory)).status).toBe(0);
  });

  const findingsOn = async (change: Readonly<Record<string, string>>): Promise<Doctor['findings']> => {
    const file = join(folder, 'changed.json');
    writeFileSync(file, JSON.stringify({ ...json(profile), ...change }));
    const { stdout } = await commandLine(['doctor', '--profile', file, '--json']);
    return (JSON.parse(stdout) as Doctor).findings;
  };

  it('gives a profile with which the doctor finds nothing wrong', async () => {
    await shell.follow('profile');
    const lines = (await shell.follow('doctor')).trim().split('\n');
    expect(lines).toHaveLength(19);
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  });

  it('gives the same by its connection profile', async () => {
    await shell.follow('connection-profile');
    const { tlsCaPath, ...other } = json(join(folder, 'other.json'));
    const { tlsCaPath: ownPath, ...own } = json(profile);
    expect(other).toEqual(own);
    const texts = [tlsCaPath, ownPath].map((path) => readFileSync(String(path), 'utf8').trim());
    expect(texts[0]).toBe(texts[1]);
  });

  it.each([
    ['channel', { channel: 'nowhere' }, 'INVALID_CONFIG'],
    ['chaincode', { chaincode: 'another' }, 'LEDGER_UNAVAILABLE'],
    ['identity', { mspId: 'Org2MSP' }, 'FORBIDDEN'],
    ['TLS name', { hostAlias: 'peer9.org1.example.com' }, 'INVALID_CONFIG'],
  ])('shows the doctor another %s as the embedded ledger does', async (check, change, code) => {
    const failures = (await findingsOn(change)).filter(({ status }) => status === 'failure');
    expect(failures).toEqual([expect.objectContaining({ check, code })]);
  });

  it('takes an orderer for no gateway peer', async () => {
    const endpoint = shell.variable('ORDERER_ADDRESS');
    const orderer = { endpoint, tlsCaPath: shell.variable('ORDERER_CA'), hostAlias: 'orderer1.example.com' };
    const failures = (await findingsOn(orderer)).filter(({ status }) => status === 'failure');
    expect(failures).toEqual([expect.objectContaining({ check: 'gateway', code: 'INVALID_CONFIG' })]);
  });

  it('registers a node, and starts it', async () => {
    expect(await shell.follow('register')).toContain('eko node approve witness-7');
    expect(await shell.follow('approve')).toContain('witness-7 is approved');
    const [program = '', ...args] = shell.commandFor('start-node');
    const node = spawn(program, args, {
      cwd: folder,
      env: shell.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [node.stdout, node.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await until('the witness is ready', () => isReady(operationsPort), SLOW_START_MS).catch(
        (cause: unknown) => {
          throw new Error(`it said: ${output}`, { cause });
        },
      );
    } finally {
      node.kill('SIGTERM');
      await ended(node);
    }
    expect(node.exitCode).toBe(0);
    expect((await findingsOn({})).find(({ check }) => check === 'events')).toMatchObject({ status: 'ok' });
  });
});

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
