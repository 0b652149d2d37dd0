import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { serveControl } from '../../../network/local/src/dev/control-server';
import { DevLayout } from '../../../network/local/src/dev/dev-layout';
import { planNetwork } from '../../../network/local/src/dev/plan-network';
import { asEkoError } from '../../../client-sdk/command/src/system-errors';
import { nextStepFor } from '../../../client-sdk/command/src/next-step';
import { commandLine } from '../../support/in-process/command-line';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

/** What a refused command line is told to do next. */
async function nextOf(...args: readonly string[]): Promise<string> {
  const { status, stderr } = await commandLine([...args, '--json']);
  expect(status).not.toBe(0);
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string; next: string } };
  return `${error.code}: ${error.message}; ${error.next}`;
}

describe('what eko says to do next', () => {
  it.each([
    ['stream', 'list'],
    ['dev', 'status'],
    ['send', '7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0', 'file'],
  ])('is to start a network, where %s %s finds none', async (...args) => {
    expect(await nextOf(...args, '--directory', newFolder())).toMatch(/^NOT_FOUND: .*eko dev up/);
  });

  it.each([['status'], ['env'], ['logs']])(
    'is to start a Fabric network, where fabric %s finds none',
    async (act) => {
      expect(await nextOf('fabric', act, '--directory', newFolder())).toMatch(/^NOT_FOUND: .*eko fabric up/);
    },
  );

  it('is to name a new folder, where one for keys is not empty', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const next = await nextOf('node', 'init', 'witness-7', '--role', 'witness', '--keys', folder);
    expect(next).toMatch(/^ALREADY_EXISTS: .*; .*another folder.*--keys/);
  });

  it('is to take a role that there is', async () => {
    const next = await nextOf(
      'node',
      'init',
      'witness-7',
      '--role',
      'foo',
      '--keys',
      join(newFolder(), 'keys'),
    );
    expect(next).toMatch(/^INVALID_ARGUMENT: --role takes one of orchestrator, witness, party/);
  });

  it.each(['reset', 'up'])('is to stop the network, where dev %s finds it running', async (act) => {
    const directory = newFolder();
    const control = await serveControl(new DevLayout(directory), {
      processes: () => [],
      restart: () => Promise.resolve(),
      stop: () => undefined,
    });
    const next = await nextOf('dev', act, '--directory', directory);
    await control.close();
    expect(next).toMatch(/^BAD_STATE: .*; .*eko dev down/);
  });

  it('is to free a port, or to make the network anew, where another program has it', async () => {
    const directory = newFolder();
    const { nodes } = await planNetwork(new DevLayout(directory));
    const taken = createServer().listen(nodes[2]!.port, '127.0.0.1');
    await once(taken, 'listening');
    const next = await nextOf('dev', 'up', '--directory', directory);
    taken.close();
    expect(next).toMatch(/^INVALID_CONFIG: .*; stop .*eko dev reset/);
  });

  it.each(['EACCES', 'EPERM', 'EROFS'])('is to choose another place, where the system says %s', (code) => {
    const refusal = Object.assign(new Error(`${code}: mkdir '/eko'`), { code, syscall: 'mkdir' });
    expect(nextStepFor(asEkoError(refusal))).toMatch(/may write/);
    const other = Object.assign(new Error("ENOTDIR: mkdir '/eko'"), { code: 'ENOTDIR', syscall: 'mkdir' });
    expect(nextStepFor(asEkoError(other))).toMatch(/--help/);
  });
});
