import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EKO, eko, ekoJson, isAlive, startScript } from '../support/processes/eko-process';
import { until } from '../support/until';
import { isInstalled, describeIf } from '../support/skip';

const UP_TIMEOUT_MS = 90_000;
const directory = mkdtempSync(join(tmpdir(), 'eko-e2e-'));
const HERE = ['--directory', directory] as const;
const hasCurl = isInstalled('curl', '--version');
const run = promisify(execFile);

interface Status {
  readonly isRunning: boolean;
  readonly processes: readonly { readonly name: string; readonly pid?: number; readonly state: string }[];
}

interface Up {
  readonly curl: readonly string[];
  readonly nodes: readonly unknown[];
  readonly parties: readonly { readonly tokenFile: string }[];
}

const status = async (): Promise<Status> => (await ekoJson('dev', 'status', ...HERE)) as Status;

/** One network, whose life these tests follow in order. */
describe('a development network', () => {
  let up: Up;
  let streamId = '';

  beforeAll(async () => {
    up = (await ekoJson('dev', 'up', '--detach', ...HERE)) as Up;
  }, UP_TIMEOUT_MS);

  afterAll(async () => {
    await eko('dev', 'down', ...HERE);
    expect((await eko('dev', 'reset', ...HERE)).status).toBe(0);
    expect(existsSync(directory)).toBe(false);
  }, UP_TIMEOUT_MS);

  it('is ten processes, all ready', async () => {
    const { isRunning, processes } = await status();
    expect(isRunning).toBe(true);
    expect(processes.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'ready'));
    expect(up.nodes).toHaveLength(9);
  });

  it('runs once only on one directory, and is not cleared while it runs', async () => {
    for (const act of ['up', 'reset']) {
      const { status: exit, stderr } = await eko('dev', act, '--json', ...HERE);
      expect(exit).toBe(4);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'BAD_STATE' } });
    }
  });

  it('sets a stream up whose draw anybody can check', async () => {
    const bundle = (await ekoJson('stream', 'request', '--wait', ...HERE)) as {
      streams: readonly { streamId: string; state: string; witnesses: readonly string[] }[];
    };
    const [stream] = bundle.streams;
    expect(stream).toMatchObject({ state: 'active' });
    expect(stream?.witnesses).toHaveLength(3);
    streamId = stream?.streamId ?? '';
    const verified = await ekoJson('verify', 'selection', streamId, ...HERE);
    expect(verified).toMatchObject({
      matches: true,
      drawn: stream?.witnesses,
    });
  }, 30_000);

  it('moves a file through it, and shows the same digest at both ends', async () => {
    const [sent, arrived] = [join(directory, 'sent'), join(directory, 'arrived')];
    writeFileSync(sent, randomBytes(2_000_000));
    const [send, receive] = await Promise.all([
      ekoJson('send', streamId, sent, ...HERE),
      ekoJson('receive', streamId, arrived, ...HERE),
    ]);
    expect(readFileSync(arrived).equals(readFileSync(sent))).toBe(true);
    expect(send).toMatchObject({ streamId, bytes: 2_000_000 });
    expect(receive).toMatchObject({ sha256: (send as { sha256: string }).sha256 });
    for (const file of [sent, arrived]) rmSync(file);
  }, 30_000);

  it('takes it away, after which nothing goes through', async () => {
    const revoked = await ekoJson('stream', 'revoke', streamId, '--note', 'test', ...HERE);
    expect(revoked).toMatchObject({ state: 'ended', end: { reason: 'revoked', by: 'provider' } });
    const { status: exit, stderr } = await eko('receive', streamId, join(directory, 'never'), ...HERE);
    expect(exit).toBe(4);
    expect(stderr).toContain('STREAM_ENDED');
    expect(existsSync(join(directory, 'never'))).toBe(false);
  }, 30_000);

  it('starts one process again on demand', async () => {
    const before = (await status()).processes.find(({ name }) => name === 'witness-2')?.pid;
    const restarted = (await ekoJson('dev', 'restart', 'witness-2', ...HERE)) as { pid: number };
    expect(restarted.pid).not.toBe(before);
    expect((await eko('dev', 'restart', 'nobody', ...HERE)).status).toBe(4);
  }, 30_000);

  describeIf(hasCurl, 'curl is not installed', 'the curl lines that it prints', () => {
    it('are answered', async () => {
      for (const line of up.curl.slice(0, 3)) {
        const { stdout } = await run('sh', ['-c', line], { timeout: 20_000 });
        const answer: unknown = JSON.parse(stdout);
        expect(answer).not.toHaveProperty('code');
      }
      const token = readFileSync(up.parties[0]!.tokenFile, 'utf8').trim();
      expect(up.curl.join('\n')).not.toContain(token);
    });
  });

  it(
    'keeps everything over a restart, and leaves no process behind when its starter is killed',
    async () => {
      expect(await ekoJson('dev', 'down', ...HERE)).toMatchObject({ wasRunning: true });
      expect((await status()).processes.every(({ state }) => state === 'stopped')).toBe(true);
      const starter = startScript(EKO, ['dev', 'up', '--json', ...HERE]);
      await once(starter.stdout!, 'data');
      expect(await ekoJson('stream', 'show', streamId, ...HERE)).toMatchObject({ state: 'ended' });
      const pids = (await status()).processes.flatMap(({ pid }) => pid ?? []);
      expect(pids).toHaveLength(10);
      starter.kill('SIGKILL');
      await until('all processes are gone', () => !pids.some(isAlive), 15_000);
      expect((await status()).isRunning).toBe(false);
    },
    UP_TIMEOUT_MS,
  );
});
