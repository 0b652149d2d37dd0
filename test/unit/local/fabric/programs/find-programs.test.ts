import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findPrograms,
  INSTALL_PAGE,
  PROGRAM_NAMES,
} from '../../../../../network/local/src/fabric/programs/find-programs';
import { lastMessage } from '../../../../../network/local/src/processes/run-program';
import { runProgram } from '../../../../../network/local/src/processes/run-program';

const ALL = [...PROGRAM_NAMES];

describe('finding the programs of Fabric', () => {
  let folders: string[] = [];

  /** A folder with programs that say this version, or what is given, and end well. */
  const folderWith = async (names: readonly string[], says: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'eko-programs-'));
    folders.push(folder);
    for (const name of names) {
      await writeFile(join(folder, name), `#!/bin/sh\necho '${name}:'\necho ' ${says}'\n`);
      await chmod(join(folder, name), 0o755);
    }
    return folder;
  };

  afterEach(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
    folders = [];
  });

  it('looks through PATH for each', async () => {
    const one = await folderWith(['peer', 'orderer'], 'Version: v3.1.5');
    const two = await folderWith(ALL, 'Version: v3.1.5');
    const { paths, version, line } = await findPrograms({ PATH: `${one}::${two}` });
    expect(paths.peer).toBe(join(one, 'peer'));
    expect(paths.cryptogen).toBe(join(two, 'cryptogen'));
    expect(version).toBe('3.1.5');
    expect(line).toMatchObject({ hasBft: true, hasTimeWindowCheck: true });
  });

  it('looks nowhere else where FABRIC_BIN names a folder', async () => {
    const path = await folderWith(ALL, 'Version: v3.1.5');
    const given = await folderWith(ALL, 'Version: 2.5.16');
    const { paths, line } = await findPrograms({ PATH: path, FABRIC_BIN: given });
    expect(paths.osnadmin).toBe(join(given, 'osnadmin'));
    expect(line).toMatchObject({ hasBft: false, hasTimeWindowCheck: false });
    const half = await folderWith(['peer'], 'Version: v3.1.5');
    await expect(findPrograms({ PATH: path, FABRIC_BIN: half })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { missing: ['orderer', 'cryptogen', 'configtxgen', 'osnadmin'] },
    });
  });

  it('names what is missing, and where Fabric says how to get it', async () => {
    const file = await folderWith(ALL, 'Version: v3.1.5');
    await chmod(join(file, 'configtxgen'), 0o644);
    const missing = findPrograms({ PATH: file });
    await expect(missing).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { missing: ['configtxgen'] },
    });
    await expect(missing).rejects.toThrow(INSTALL_PAGE);
    await expect(findPrograms({})).rejects.toMatchObject({ details: { missing: ALL } });
  });

  it.each(['Version: v2.4.9', 'Version: v1.4.12', 'Version: v4.0.0', 'no word of it'])(
    'refuses programs that say %j',
    async (says) => {
      const folder = await folderWith(ALL, says);
      await expect(findPrograms({ PATH: folder })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    },
  );

  it('refuses a peer and an orderer of two versions', async () => {
    const peer = await folderWith(['peer'], 'Version: v3.1.5');
    const rest = await folderWith(ALL, 'Version: v3.1.4');
    await expect(findPrograms({ PATH: `${peer}:${rest}` })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { peer: '3.1.5', orderer: '3.1.4' },
    });
  });
});

describe('running a program', () => {
  const sh = (script: string, deadlineMs = 10_000) =>
    runProgram({ program: '/bin/sh', args: ['-c', script], deadlineMs });

  it('gives what it printed', async () => {
    expect(await sh('echo out; echo err >&2')).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('shows it by another name and hands on nothing of the environment but what it needs', async () => {
    process.env['EKO_TEST_SECRET'] = 'secret';
    try {
      const { stdout } = await runProgram({
        program: '/bin/sh',
        args: ['-c', 'echo "$0 [$EKO_TEST_SECRET] [$GIVEN]"'],
        env: { GIVEN: 'given' },
        deadlineMs: 10_000,
        shownAs: '/state/task.sh',
      });
      expect(stdout).toBe('/state/task.sh [] [given]\n');
    } finally {
      delete process.env['EKO_TEST_SECRET'];
    }
  });

  it('fails with what it said was the error', async () => {
    const failing = sh('echo "Error: no such channel" >&2; echo "Usage: peer" >&2; exit 3');
    await expect(failing).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('exit status 3') as string,
      details: { words: 'Error: no such channel' },
    });
  });

  it('ends it at its deadline', async () => {
    await expect(sh('exec sleep 60', 50)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('ends it when its caller stops', async () => {
    const controller = new AbortController();
    const running = runProgram({
      program: '/bin/sh',
      args: ['-c', 'exec sleep 60'],
      deadlineMs: 60_000,
      signal: controller.signal,
    });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('fails for a program that is not there', async () => {
    const call = { program: '/nowhere/peer', args: [], deadlineMs: 10_000 };
    await expect(runProgram(call)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('takes the error out of a log, without its colours', () => {
    expect(lastMessage('one\n\u001b[31mtwo\u001b[0m\n\n')).toBe('two');
    expect(lastMessage('Error: first\nUsage:\n')).toBe('Error: first');
    expect(lastMessage('\n')).toBeUndefined();
  });
});
