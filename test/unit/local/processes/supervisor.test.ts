import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundProcess, type ReadyCheck } from '../../../../network/local/src/processes/start-process';
import { freePorts } from '../../../../network/local/src/processes/free-ports';
import { Supervisor } from '../../../../network/local/src/processes/supervisor';
import { codedError } from '../../../support/coded-error';
import { until } from '../../../support/until';

const DEADLINE_MS = 20_000;

describe('a supervisor', () => {
  let directory: string;
  let stop: AbortController;
  let lost: unknown[];
  let supervisor: Supervisor;

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'eko-supervisor-')));
    stop = new AbortController();
    lost = [];
    supervisor = new Supervisor({
      directory,
      signal: stop.signal,
      onLost: (label, exit) => lost.push({ label, exit }),
    });
  });

  afterEach(async () => {
    await supervisor.stopStarted(() => true);
    await rm(directory, { recursive: true });
  });

  const planned = (label: string, script: string, ready: readonly ReadyCheck[] = []) => ({
    label,
    program: process.execPath,
    args: ['-e', script],
    env: {},
    logFile: join(directory, `${label}.log`),
    ready,
  });
  const GOES_ON = 'setInterval(() => undefined, 60_000)';
  const labels = async (): Promise<readonly string[]> =>
    (await supervisor.running()).map(({ label }) => label).sort();

  it('waits for one check after the other', async () => {
    const [port = 0] = await freePorts(1);
    const serves = `const { createServer } = require('node:http');
      let asked = 0;
      createServer((_, response) => {
        response.statusCode = (asked += 1) < 3 ? 503 : 200;
        response.end();
      }).listen(${port}, '127.0.0.1');`;
    const plan = planned('peer0.org1', serves, [
      { kind: 'answers', port, path: '/healthz' },
      { kind: 'listens', port },
    ]);
    const started = supervisor.start(plan);
    await supervisor.ready(started, plan, DEADLINE_MS);
    expect(supervisor.pidOf('peer0.org1')).toBe(started.pid());
    expect(await labels()).toEqual(['peer0.org1']);
  });

  it('says what is missing where the deadline has passed, in the own words of who was asked', async () => {
    const server = createServer((_, response) => {
      response.statusCode = 503;
      response.end('no leader yet');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const [closed = 0] = await freePorts(1);
    for (const [check, missing] of [
      [{ kind: 'answers', port, path: '/healthz' }, 'no leader yet'],
      [{ kind: 'listens', port: closed }, 'it does not listen'],
      [{ kind: 'prints' }, 'it has not said that it serves'],
    ] as const) {
      const plan = planned('orderer1', GOES_ON, [check]);
      await expect(supervisor.ready(foundProcess(plan), plan, 100)).rejects.toMatchObject({
        code: 'DEADLINE_EXCEEDED',
        message: expect.stringContaining(`orderer1 is not ready after 100 ms: ${missing}`) as unknown,
      });
    }
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    [1, 'INTERNAL'],
    [78, 'INVALID_CONFIG'],
  ])('waits no longer for what has ended, with status %i', async (status, code) => {
    const plan = planned('ledger', `console.error('out of luck'); process.exit(${status})`, [
      { kind: 'prints' },
    ]);
    await expect(supervisor.ready(supervisor.start(plan), plan, DEADLINE_MS)).rejects.toMatchObject({
      code,
      message: `ledger ended with exit status ${status} before it was ready: out of luck`,
    });
  });

  it('starts nothing more and waits no longer once it is told to stop, but stops what there is', async () => {
    const plan = planned('witness-1', GOES_ON, [{ kind: 'prints' }]);
    const waiting = supervisor.ready(supervisor.start(plan), plan, DEADLINE_MS);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(codedError(() => supervisor.start(planned('witness-2', GOES_ON))).code).toBe('CANCELLED');
    await supervisor.stopStarted();
    expect(await labels()).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('tells of a process that ended by itself, and of none that it killed or stopped', async () => {
    for (const label of ['witness-1', 'witness-2', 'witness-3']) supervisor.start(planned(label, GOES_ON));
    const pid = supervisor.pidOf('witness-1');
    process.kill(pid!, 'SIGTERM');
    await until('it is missed', () => lost.length > 0);
    expect(lost).toEqual([{ label: 'witness-1', exit: { code: null, signal: 'SIGTERM' } }]);
    expect(await supervisor.kill('witness-1')).toBe(false);
    expect(await supervisor.kill('witness-2')).toBe(true);
    await supervisor.stop(['witness-3']);
    expect([await labels(), lost.length]).toEqual([[], 1]);
  });

  it('tells of none that ends once it is told to stop, as all do at the Ctrl-C of a terminal', async () => {
    const started = supervisor.start(planned('witness-1', GOES_ON));
    stop.abort();
    process.kill(started.pid()!, 'SIGINT');
    await started.exited;
    expect(lost).toEqual([]);
  });

  it('stops what an earlier command started and left behind', async () => {
    const earlier = new Supervisor({ directory, signal: new AbortController().signal });
    earlier.start(planned('orderer1', GOES_ON));
    earlier.start(planned('task.peer', GOES_ON));
    supervisor.start(planned('peer0.org1', GOES_ON));
    await until('all run', async () => (await labels()).length === 3);
    await supervisor.stopStarted((label) => label.startsWith('task.'));
    expect(await labels()).toEqual(['orderer1']);
    await earlier.stop(['orderer1']);
    expect(await labels()).toEqual([]);
  });

  it('stops nothing that another one runs in the same directory under the same name', async () => {
    const first = new Supervisor({ directory, signal: new AbortController().signal });
    first.start(planned('ledger', GOES_ON));
    first.start(planned('witness-1', GOES_ON));
    supervisor.start(planned('ledger', GOES_ON));
    await until('all run', async () => (await labels()).length === 3);
    await supervisor.stop(['ledger', 'witness-1']);
    await supervisor.stopStarted();
    expect(await labels()).toEqual(['ledger', 'witness-1']);
    await first.stopStarted();
    expect(await labels()).toEqual([]);
  });
});
