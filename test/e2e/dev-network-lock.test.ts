import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { findProcesses } from '../../network/local/src/processes/process-table';
import { EKO, eko, ekoJson, endOf, startScript } from '../support/processes/eko-process';
import { until } from '../support/until';

const TIMEOUT_MS = 240_000;
const GONE_MS = 60_000;

interface Status {
  readonly isRunning: boolean;
  readonly processes: readonly { readonly pid?: number }[];
}

/** Commands on one directory at the same time, and after one of them was killed. */
describe('the one who changes a development network', () => {
  let directory: string;
  let HERE: readonly string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-lock-'));
    HERE = ['--directory', directory];
  });

  afterEach(async () => {
    await eko('dev', 'down', ...HERE);
    rmSync(directory, { recursive: true, force: true });
  }, TIMEOUT_MS);

  const begin = (): ChildProcess => startScript(EKO, ['dev', 'up', ...HERE]);
  const pidsHere = async (): Promise<readonly number[]> =>
    ((await ekoJson('dev', 'status', ...HERE)) as Status).processes.flatMap(({ pid }) => pid ?? []);
  const refusalOf = async (...command: readonly string[]): Promise<string> => {
    const { status, stderr } = await eko(...command, '--json', ...HERE);
    expect(status).toBe(4);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe('BAD_STATE');
    return error.message;
  };

  it(
    'is the start from its first moment on: what others may not do then is refused, and it can be stopped',
    async () => {
      const starter = begin();
      const end = endOf(starter);
      // Without its first node, the network does not come up.
      await once(starter.stderr!, 'data');
      const first = await until('a node is started', async () =>
        (await findProcesses(directory)).find(({ label }) => label === 'orchestrator-1'),
      );
      process.kill(first.pid, 'SIGSTOP');
      const [up, reset, restart] = await Promise.all([
        refusalOf('dev', 'up'),
        refusalOf('dev', 'reset'),
        refusalOf('dev', 'restart', 'witness-5'),
      ]);
      expect(up).toContain('A network is running in');
      expect(reset).toContain('is running');
      expect(restart).toContain('coming up still');
      expect(await findProcesses(directory)).not.toEqual([]);
      expect(await ekoJson('dev', 'down', ...HERE)).toMatchObject({ wasRunning: true });
      expect(await findProcesses(directory)).toEqual([]);
      const { status, stderr } = await end;
      expect(status).toBe(130);
      expect(stderr).toContain('CANCELLED');
      expect((await eko('dev', 'reset', ...HERE)).status).toBe(0);
      expect(existsSync(directory)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'keeps nobody out when it was killed: the next one stops what is left, and starts or clears',
    async () => {
      for (const next of ['up', 'down', 'reset'] as const) {
        const starter = begin();
        await once(starter.stdout!, 'data');
        const left = await findProcesses(directory);
        expect(left).toHaveLength(10);
        starter.kill('SIGKILL');
        if (next === 'up') {
          await ekoJson('dev', 'up', '--detach', ...HERE);
          expect(await pidsHere()).not.toEqual(expect.arrayContaining([left[0]?.pid]));
          expect(await ekoJson('dev', 'down', ...HERE)).toMatchObject({ wasRunning: true });
        } else if (next === 'down') {
          expect((await eko('dev', 'down', ...HERE)).status).toBe(0);
          expect(await findProcesses(directory)).toEqual([]);
        } else {
          // As a person says it.
          const here = relative(process.cwd(), directory);
          expect((await eko('dev', 'reset', '--directory', here)).status).toBe(0);
          expect(await findProcesses(directory)).toEqual([]);
          expect(existsSync(directory)).toBe(false);
        }
      }
    },
    TIMEOUT_MS,
  );

  it(
    'is one of those who begin at the same time, and the others say so',
    async () => {
      const all = [begin(), begin(), begin()];
      const ends = all.map(endOf);
      await Promise.race(all.map((each) => once(each.stdout!, 'data')));
      await until(
        'two have ended',
        () => all.filter(({ exitCode }) => exitCode !== null).length === 2,
        GONE_MS,
      );
      expect(await pidsHere()).toHaveLength(10);
      expect(await ekoJson('dev', 'down', ...HERE)).toMatchObject({ wasRunning: true });
      const statuses = (await Promise.all(ends)).map(({ status }) => status).sort();
      expect(statuses).toEqual([0, 4, 4]);
      expect(readdirSync(directory)).not.toContain('network.lock');
    },
    TIMEOUT_MS,
  );
});
