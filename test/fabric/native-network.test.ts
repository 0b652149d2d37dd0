import { TRANSACTIONS } from '@eko/protocol/ledger';
import { connectGatewayLedger, readFabricProfile, type Ledger } from '@eko/sdk';
import { issueUser, openLayout, requirePlan, type FabricStatus } from '@eko/local-network';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EKO, eko, ekoJson, endOf, isAlive, startScript } from '../support/processes/eko-process';
import { until } from '../support/until';
import { hasFabricPrograms, NO_FABRIC } from '../support/processes/fabric-programs';
import { freeBasePort } from './free-base-port';
import { describeIf } from '../support/skip';

const STEP_TIMEOUT_MS = 120_000;
jest.setTimeout(STEP_TIMEOUT_MS);

/** One network, whose life these tests follow in order. */
describeIf(hasFabricPrograms(), NO_FABRIC, 'a native Fabric network', () => {
  const directory = mkdtempSync(join(tmpdir(), 'eko-fabric-'));
  const HERE = ['--directory', directory] as const;
  let basePort = 0;

  const up = async (...more: readonly string[]): Promise<FabricStatus> =>
    (await ekoJson('fabric', 'up', ...HERE, ...more)) as FabricStatus;
  const status = async (): Promise<FabricStatus> =>
    (await ekoJson('fabric', 'status', ...HERE)) as FabricStatus;
  const choices = (): readonly string[] => ['--base-port', String(basePort), '--organisations', '2'];

  /** Starts `eko fabric up` and answers once it says that it starts a peer: orderers run then. */
  const startUp = async (...more: readonly string[]): Promise<ChildProcess> => {
    const starter = startScript(EKO, ['fabric', 'up', ...HERE, ...more]);
    let said = '';
    starter.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the first peer starts', () => said.includes('starting peer0.org1'), 60_000);
    return starter;
  };

  const connectAs = async (name: string): Promise<Ledger> => {
    const layout = await openLayout(directory);
    const profile = await issueUser(layout, await requirePlan(layout), { mspId: 'Org2MSP', name });
    const file = join(directory, `${name}.json`);
    writeFileSync(file, JSON.stringify(profile));
    return connectGatewayLedger({ profile: await readFabricProfile(file) });
  };

  beforeAll(async () => {
    basePort = await freeBasePort();
  });

  afterAll(async () => {
    await eko('fabric', 'down', ...HERE);
    expect(networkProcesses(directory)).toEqual([]);
    expect((await eko('fabric', 'reset', ...HERE)).status).toBe(0);
  });

  it('starts nothing where one of its ports is taken, and can then be planned anew', async () => {
    const taken = await freeBasePort(basePort + 500);
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(taken + 100, '127.0.0.1', resolve));
    const refused = await eko('fabric', 'up', '--json', '--base-port', String(taken), ...HERE);
    await new Promise((resolve) => holder.close(resolve));
    expect(refused.status).toBe(78);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { code: 'INVALID_CONFIG', details: { port: taken + 100, owner: 'peer0.org1' } },
    });
    expect(networkProcesses(directory)).toEqual([]);
  });

  it('leaves nothing running when its starter is killed in the middle and it is taken down', async () => {
    const starter = await startUp(...choices());
    starter.kill('SIGKILL');
    await endOf(starter);
    expect(networkProcesses(directory)).not.toEqual([]);
    expect((await eko('fabric', 'down', ...HERE)).status).toBe(0);
    expect(networkProcesses(directory)).toEqual([]);
  });

  it('is taken up from what a killed starter left running', async () => {
    const starter = await startUp();
    starter.kill('SIGKILL');
    await endOf(starter);
    const left = networkProcesses(directory);
    const { isReady, processes } = await up();
    expect(isReady).toBe(true);
    expect(processes.map(({ name }) => name)).toEqual([
      'orderer1',
      'orderer2',
      'orderer3',
      'peer0.org1',
      'peer0.org2',
      'chaincode.peer0.org1',
      'chaincode.peer0.org2',
    ]);
    expect(left.length).toBeGreaterThan(0);
    expect(networkProcesses(directory)).toEqual(processes.map(({ pid }) => pid).sort((a, b) => a! - b!));
  });

  it('stays as it is when it is brought up again', async () => {
    const before = await status();
    expect((await up()).processes).toEqual(before.processes);
  });

  it('answers a user of its own through the gateway', async () => {
    const ledger = await connectAs('alice');
    try {
      expect(await ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' })).toMatchObject({
        entries: [],
      });
      await expect(ledger.evaluate(TRANSACTIONS.readNode, { nodeId: 'nobody' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    } finally {
      ledger.close();
    }
  });

  it('is healed where processes were killed, and only there', async () => {
    const before = await status();
    const killed = ['orderer2', 'peer0.org2', 'chaincode.peer0.org1'];
    for (const name of killed) await ekoJson('fabric', 'kill', name, ...HERE);
    const hurt = await status();
    expect(hurt.isReady).toBe(false);
    expect(hurt.processes.filter(({ state }) => state === 'stopped').map(({ name }) => name)).toEqual(killed);
    const { isReady, processes } = await up();
    expect(isReady).toBe(true);
    const kept = processes.filter(({ name, pid }) =>
      before.processes.some((b) => b.name === name && b.pid === pid),
    );
    expect(kept.map(({ name }) => name)).toEqual(
      before.processes.map(({ name }) => name).filter((name) => !killed.includes(name)),
    );
  });

  it('changes to another release of the chaincode without a query that fails', async () => {
    const ledger = await connectAs('bob');
    const over = new AbortController();
    let answered = 0;
    const asking = (async () => {
      while (!over.signal.aborted) {
        await ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' });
        answered += 1;
      }
    })();
    try {
      expect(await ekoJson('fabric', 'deploy', ...HERE)).toEqual({ release: 2 });
      over.abort();
      await asking;
      expect(answered).toBeGreaterThan(0);
      expect(readdirSync(join(directory, 'chaincode'))).toContain('release-2');
    } finally {
      over.abort();
      ledger.close();
    }
  });

  it('is not brought up over a paused process', async () => {
    await ekoJson('fabric', 'pause', 'peer0.org1', ...HERE);
    expect((await status()).processes.find(({ name }) => name === 'peer0.org1')?.state).toBe('paused');
    const refused = await eko('fabric', 'up', '--json', ...HERE);
    expect(refused.status).toBe(4);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'BAD_STATE' } });
    await ekoJson('fabric', 'resume', 'peer0.org1', ...HERE);
    expect((await up()).isReady).toBe(true);
  });

  it('refuses to be another network, or to be cleared, while it runs', async () => {
    for (const args of [['up', '--organisations', '3'], ['reset']]) {
      const refused = await eko('fabric', ...args, '--json', ...HERE);
      expect(refused.status).toBe(4);
      expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'BAD_STATE' } });
    }
  });

  it('stops on Ctrl-C what it had started', async () => {
    expect((await eko('fabric', 'down', ...HERE)).status).toBe(0);
    const starter = await startUp();
    const ended = endOf(starter);
    starter.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect(networkProcesses(directory)).toEqual([]);
  });
});

/** Process IDs of everything that was started for a directory, as the system tells. */
function networkProcesses(directory: string): readonly number[] {
  const own = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return own
    .map(Number)
    .filter((pid) => isAlive(pid) && commandOf(pid).startsWith(`${directory}/`))
    .sort((a, b) => a - b);
}

function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
