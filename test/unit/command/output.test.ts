import { spawnSync, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCommandLine } from '@eko/command';
import { EkoError } from '@eko/protocol';
import { allCommands } from '../../../client-sdk/cli/src/command-table';
import { ProcessOutput } from '../../../client-sdk/command/src/process-output';
import { temporaryFolders } from '../../support/temporary-folder';

jest.setTimeout(60_000);

const newFolder = temporaryFolders();
const CLI = join(__dirname, '../../../client-sdk/cli');
const COMMAND = join(__dirname, '../../../client-sdk/command');

/** A command line whose standard output fails with a system error; what it printed on standard error, and its status. */
async function run(args: readonly string[], code: string, more: Parameters<typeof runCommandLine>[0] = []) {
  let stderr = '';
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(code), { code }));
    },
  });
  const status = await runCommandLine([...(await allCommands()), ...more], '0.0.0', args, {
    stdout: new ProcessOutput(stream),
    stderr: { write: (text) => (stderr += text) },
    env: {},
    signal: new AbortController().signal,
  });
  return { status, stderr };
}

/** A command that prints and then does what is asked. */
const printing = (after: (signal: AbortSignal) => Promise<void>) => ({
  path: ['print'] as const,
  summary: 'prints',
  examples: [],
  run: async (
    _input: unknown,
    terminal: { result: (v: object, l: string[]) => void; signal: AbortSignal },
  ) => {
    terminal.result({}, ['text']);
    await after(terminal.signal);
  },
});
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new EkoError('CANCELLED', 'stopped')));
  });

describe('standard output that cannot be written', () => {
  it.each([
    ['ENOSPC', 'STORE_FULL', 69],
    ['EIO', 'INVALID_ARGUMENT', 2],
  ])('is a named failure of every command (%s)', async (code, name, status) => {
    const everyHelp = (await allCommands()).map(({ path }) => [...path, '--help']);
    for (const args of [['--version'], ['--help'], ...everyHelp]) {
      const result = await run(args, code);
      expect([args, result.status]).toEqual([args, status]);
      expect(result.stderr).toContain(`eko: ${name}: `);
    }
  });

  it('ends a command that would print for ever, with its own reason', async () => {
    const { status, stderr } = await run(['print'], 'ENOSPC', [printing(untilAborted)]);
    expect(status).toBe(69);
    expect(stderr).toContain('eko: STORE_FULL: ');
  });

  it('is no failure where the reader has gone, and ends what would print for ever', async () => {
    expect(await run(['print'], 'EPIPE', [printing(untilAborted)])).toEqual({ status: 0, stderr: '' });
    expect(await run(['--help'], 'EPIPE')).toEqual({ status: 0, stderr: '' });
  });

  it.each(['EPIPE', 'ENOSPC'])('hides no failure of the command itself (%s)', async (code) => {
    const fails = printing(() => Promise.reject(new EkoError('HISTORY_VIOLATED', 'no')));
    const { status, stderr } = await run(['print'], code, [fails]);
    expect(status).toBe(5);
    expect(stderr).toContain('HISTORY_VIOLATED');
  });

  it('is noticed by the program itself', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [join(CLI, 'bin/eko.cjs'), '--version'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
      timeout: 30_000,
    });
    closeSync(full);
    expect([status, stderr.split('\n')[0]]).toEqual([
      69,
      'eko: STORE_FULL: No room is left for standard output (ENOSPC)',
    ]);
  });
});

describe('a command that is stopped in the middle', () => {
  it.each([
    ['PEER_UNAVAILABLE', 130, 'CANCELLED'],
    ['INTERNAL', 130, 'CANCELLED'],
    ['STREAM_ENDED', 4, 'STREAM_ENDED'],
    ['COMMIT_UNKNOWN', 69, 'COMMIT_UNKNOWN'],
  ] as const)('is CANCELLED, but hides nothing that is so anyway (%s)', async (code, status, told) => {
    const stop = new AbortController();
    const fails = printing(() => {
      stop.abort();
      return Promise.reject(new EkoError(code, 'hung up'));
    });
    let stderr = '';
    const result = await runCommandLine([fails], '0.0.0', ['print'], {
      stdout: { write: () => undefined },
      stderr: { write: (text) => (stderr += text) },
      env: {},
      signal: stop.signal,
    });
    expect(result).toBe(status);
    expect(stderr).toContain(`eko: ${told}: `);
  });
});

describe('standard input as a source', () => {
  const SCRIPT = `
    const { openSource } = require(${JSON.stringify(join(COMMAND, 'dist/files/open-source.js'))});
    openSource('-').then(async ({ stream }) => {
      let bytes = 0;
      for await (const chunk of stream) bytes += chunk.length;
      console.log(bytes);
    }, (error) => console.log(error.code));`;
  const readFrom = (command: string, stdin: StdioOptions = 'pipe'): string =>
    spawnSync('sh', ['-c', `"$1" -e "$2" ${command}`, 'sh', process.execPath, SCRIPT], {
      stdio: stdin,
      encoding: 'utf8',
      timeout: 30_000,
    }).stdout.trim();

  it.each([
    ['a folder', '< /'],
    ['nothing, because it is closed', '<&-'],
  ])('is refused where it is %s', (_what, from) => {
    expect(readFrom(from)).toBe('INVALID_ARGUMENT');
  });

  it('is read where it is a file, a pipe, or empty on purpose', () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '12345');
    expect(readFrom(`< ${file}`)).toBe('5');
    expect(readFrom('< /dev/null')).toBe('0');
    expect(readFrom('')).toBe('0');
  });
});

describe('standard output as the place for received bytes', () => {
  const SCRIPT = `
    const { openTarget } = require(${JSON.stringify(join(COMMAND, 'dist/files/open-target.js'))});
    openTarget('-', () => {}).then(() => console.error('taken'), (error) => console.error(error.code));`;
  const openWith = (redirection: string): string =>
    spawnSync('sh', ['-c', `"$1" -e "$2" ${redirection}`, 'sh', process.execPath, SCRIPT], {
      encoding: 'utf8',
      timeout: 30_000,
    }).stderr.trim();

  it('is refused where it was closed: what comes would be kept nowhere, and confirmed', () => {
    expect(openWith('>&-')).toBe('INVALID_ARGUMENT');
  });

  it('is taken where it is a pipe, a file, or nothing on purpose', () => {
    expect(openWith('')).toBe('taken');
    expect(openWith(`> ${join(newFolder(), 'file')}`)).toBe('taken');
    expect(openWith('> /dev/null')).toBe('taken');
  });
});
