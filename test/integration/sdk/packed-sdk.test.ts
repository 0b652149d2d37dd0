import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(120_000);

const run = promisify(execFile);
const ROOT = join(__dirname, '../../..');
const USE = `
const profile = await readFabricProfile('absent.json').catch((error) => error.code);
const refused = await EkoClient.connect({ ledger: {}, keysDirectory: 'absent' }).catch((error) => error.code);
console.log(profile, refused);`;

/** What a package manager would lay out, from the packed files and nothing else of this repository. */
async function unpackInto(project: string, directory: string): Promise<void> {
  const packed = join(project, 'packed');
  mkdirSync(packed, { recursive: true });
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', packed, join(ROOT, directory)],
    { cwd: ROOT },
  );
  const [entry] = JSON.parse(stdout) as readonly { filename: string }[];
  const manifest = JSON.parse(readFileSync(join(ROOT, directory, 'package.json'), 'utf8')) as {
    name: string;
    dependencies: Readonly<Record<string, string>>;
  };
  const home = join(project, 'node_modules', manifest.name);
  mkdirSync(home, { recursive: true });
  const file = join(packed, (entry?.filename ?? '').replace('@', '').replace('/', '-'));
  await run('tar', ['-xzf', file, '-C', home, '--strip-components=1']);
  for (const name of Object.keys(manifest.dependencies)) {
    if (name.startsWith('@eko/')) continue;
    const place = join(project, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    try {
      symlinkSync(join(ROOT, 'node_modules', name), place);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

describe('the SDK as it is packed', () => {
  let project: string;
  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'eko-packed-'));
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
    await unpackInto(project, 'client-sdk/protocol');
    await unpackInto(project, 'client-sdk/sdk');
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it.each([
    ['ECMAScript', 'used.mjs', `import { EkoClient, readFabricProfile } from '@eko/sdk';\n${USE}\n`],
    [
      'CommonJS',
      'used.cjs',
      `const { EkoClient, readFabricProfile } = require('@eko/sdk');\n(async () => {${USE}\n})();\n`,
    ],
  ])('works in an empty project from %s modules', async (_form, name, text) => {
    writeFileSync(join(project, name), text);
    const { stdout } = await run(process.execPath, [name], { cwd: project, timeout: 60_000 });
    expect(stdout).toBe('INVALID_CONFIG INVALID_CONFIG\n');
  });
});
