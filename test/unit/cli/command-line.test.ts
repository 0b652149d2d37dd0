import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCommands } from '../../../client-sdk/cli/src/command-table';
import { commandLine } from '../../support/in-process/command-line';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

const GOLDEN_HELP = join(__dirname, 'golden-help.txt');
const STREAM = '7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0';

const errorIn = (stderr: string): unknown => (JSON.parse(stderr) as { error: unknown }).error;

describe('the help of eko', () => {
  it('is the golden one, for every command', async () => {
    const texts = [(await commandLine(['--help'])).stdout];
    for (const { path } of await allCommands()) texts.push((await commandLine([...path, '--help'])).stdout);
    const help = texts.join(`\n${'='.repeat(80)}\n\n`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN_HELP, help);
    expect(help).toBe(readFileSync(GOLDEN_HELP, 'utf8'));
  });

  it('shows one prompt and one eko a command line, also behind a pipe', async () => {
    const lines = (await commandLine(['send', '--help'])).stdout
      .split('\n')
      .filter((line) => line.includes('$'));
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(`  $ tar c records | eko send ${STREAM}`);
    for (const line of lines) expect(line.match(/\beko\b/g)).toHaveLength(1);
  });

  it('marks what is required, and shows one default an option', async () => {
    const { stdout } = await commandLine(['node', 'init', '--help']);
    expect(stdout).toMatch(/--role <role> .*\(required\)\n.*--keys <path> .*\(required\)\n/);
    for (const { path } of await allCommands()) {
      const help = (await commandLine([...path, '--help'])).stdout;
      expect(help).not.toContain('default: []');
    }
  });

  it('shows at least three examples a command, each of which names the command', async () => {
    for (const { path, examples } of await allCommands()) {
      expect(examples.length).toBeGreaterThanOrEqual(3);
      for (const example of examples) expect(example).toContain(path.join(' '));
    }
  });
});

describe('the exit status of eko', () => {
  it.each([
    ['nothing', [], 2],
    ['a group alone', ['dev'], 2],
    ['an unknown command', ['fly'], 2],
    ['an unknown option', ['dev', 'status', '--fast'], 2],
    ['a missing operand', ['stream', 'show'], 2],
    ['one operand too many', ['stream', 'show', STREAM, 'more'], 2],
    ['an option without its value', ['dev', 'status', '--directory'], 2],
    ['a number that is none', ['stream', 'request', '--count', 'many'], 2],
    ['a word that is none of those allowed', ['stream', 'list', '--state', 'odd'], 2],
    [
      'a node ID that cannot be registered',
      ['node', 'init', 'X_', '--role', 'witness', '--keys', '/nowhere/keys'],
      2,
    ],
    ['a stream ID that is none', ['stream', 'watch', 'odd'], 2],
    ['the version', ['--version'], 0],
    ['help', ['send', '--help'], 0],
  ])('for %s', async (_what, args, status) => {
    const directory = newFolder();
    const access = join(directory, 'token');
    writeFileSync(access, `${'t'.repeat(43)}\n`, { mode: 0o600 });
    const result = await commandLine(args, { EKO_PARTY: 'http://127.0.0.1:1', EKO_TOKEN_FILE: access });
    expect(result.status).toBe(status);
  });

  it('is that of the code where something is missing', async () => {
    const directory = newFolder();
    expect((await commandLine(['dev', 'status', '--directory', directory])).status).toBe(4);
    expect((await commandLine(['node', 'show', '--profile', join(directory, 'none.json')])).status).toBe(78);
  });
});

describe('an error of eko', () => {
  it('says what to do next, as text and as one line of JSON', async () => {
    const args = ['dev', 'status', '--directory', newFolder()];
    const asText = await commandLine(args);
    expect(asText.stdout).toBe('');
    expect(asText.stderr).toMatch(/^eko: NOT_FOUND: .+\n {2}next: .+\n$/);
    const asJson = await commandLine([...args, '--json']);
    expect(asJson.stdout).toBe('');
    expect(asJson.stderr.trim().split('\n')).toHaveLength(1);
    expect(errorIn(asJson.stderr)).toMatchObject({ code: 'NOT_FOUND', next: expect.any(String) as unknown });
  });

  it('never repeats what was given to an option that does not exist', async () => {
    const { status, stderr } = await commandLine(['stream', 'list', '--token=hunter2-hunter2']);
    expect(status).toBe(2);
    expect(stderr).toContain('--token');
    expect(stderr).not.toContain('hunter2');
  });
});
