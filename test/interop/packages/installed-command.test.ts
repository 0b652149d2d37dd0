import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { endOf, type ProcessResult } from '../../support/processes/eko-process';

const ROOT = join(__dirname, '../../..');
const TIMEOUT_MS = 180_000;
/** What `@eko/cli` is installed with. */
const OURS = ['audit', 'cli', 'command', 'protocol', 'sdk'];
/** What only a node, a ledger or the chaincode needs. */
const NODES_NEED = ['fastify', 'pino', 'prom-client', 'classic-level', 'libsodium-sumo'];
const CHAINCODE_NEEDS = ['fabric-shim', 'fabric-contract-api'];

/** As a person runs them: without what npm tells the scripts that it runs itself. */
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

const run = (cwd: string, program: string, ...args: readonly string[]): Promise<ProcessResult> =>
  endOf(spawn(program, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] }));

async function succeed(...given: Parameters<typeof run>): Promise<string> {
  const { status, stdout, stderr } = await run(...given);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

/** A version of a package that the registry has, and how its archive is made. */
interface Offered {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly archive: () => Promise<Buffer>;
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Offered['manifest'];

/** Everything that is installed in this repository, as npm would get it from others. */
function* installed(): Generator<Offered> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { link?: boolean; optional?: boolean }>;
  };
  for (const [path, { link, optional }] of Object.entries(packages)) {
    if (!path.includes('node_modules/') || link === true || optional === true) continue;
    const folder = join(ROOT, path);
    const archive = async (): Promise<Buffer> => {
      const tar = spawn('tar', ['-czf', '-', '-C', dirname(folder), basename(folder)]);
      return Buffer.concat(await tar.stdout.toArray());
    };
    yield { manifest: manifestOf(folder), archive };
  }
}

/** A registry of these packages on this machine, as far as `npm install` asks one. */
function serve(offers: readonly Offered[]) {
  const answer = async (path: string, origin: string, response: ServerResponse): Promise<void> => {
    const [name, version] = decodeURIComponent(path.slice(1)).split('/-/');
    const of = offers.filter(({ manifest }) => manifest.name === name);
    if (version !== undefined) {
      response.end(await of.find(({ manifest }) => manifest.version === version)?.archive());
      return;
    }
    response.statusCode = of.length === 0 ? 404 : 200;
    const versions = of.map(({ manifest }) => [
      manifest.version,
      { ...manifest, dist: { tarball: `${origin}/${name}/-/${manifest.version}` } },
    ]);
    const latest = of[0]?.manifest.version;
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest }, versions: Object.fromEntries(versions) as unknown }),
    );
  };
  return createServer(({ url = '/', headers: { host } }, response) => {
    answer(url, `http://${host}`, response).catch(() => response.destroy());
  });
}

describe('@eko/cli, installed by itself into an empty project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eko-installed-'));
  const project = join(folder, 'project');
  const modules = join(project, 'node_modules');
  const bin = join(modules, '.bin/eko');
  const eko = (...args: readonly string[]) => run(project, bin, ...args);
  const errorOf = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await eko(...args, '--json');
    expect(stdout).toBe('');
    return { status, ...(JSON.parse(stderr) as { error: unknown }) };
  };

  beforeAll(async () => {
    mkdirSync(project);
    const workspaces = OURS.flatMap((name) => ['--workspace', `client-sdk/${name}`]);
    await succeed(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder, ...workspaces);
    const packed = OURS.map((name): Offered => {
      const manifest = manifestOf(join(ROOT, 'client-sdk', name));
      const file = join(folder, `eko-${name}-${manifest.version}.tgz`);
      return { manifest, archive: () => Promise.resolve(readFileSync(file)) };
    });
    const registry = serve([...packed, ...installed()]).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    const from = ['--registry', `http://127.0.0.1:${port}`, '--cache', join(folder, 'cache')];
    try {
      await succeed(project, 'npm', 'install', '@eko/cli', '--no-audit', '--no-fund', ...from);
    } finally {
      registry.close();
      registry.closeAllConnections();
    }
  }, TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings no node, no ledger and no chaincode', () => {
    expect(readdirSync(join(modules, '@eko')).sort()).toEqual(OURS);
    const others = readdirSync(modules);
    for (const name of [...NODES_NEED, ...CHAINCODE_NEEDS]) expect(others).not.toContain(name);
  });

  it('says its version, and in its help what needs more than it', async () => {
    expect(await eko('--version')).toEqual({
      status: 0,
      stdout: `${manifestOf(join(ROOT, 'client-sdk/cli')).version}\n`,
      stderr: '',
    });
    const { status, stdout, stderr } = await eko('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.replaceAll(/\n {10,}/g, ' ');
    for (const name of ['dev', 'chaincode', 'fabric', 'demo'])
      expect(lines).toMatch(new RegExp(`^  ${name} .*\\(needs @eko/local-network\\)$`, 'm'));
    for (const name of ['init', 'doctor', 'stream', 'send', 'verify'])
      expect(lines).toMatch(new RegExp(`^  ${name} (?!.*needs @eko/local-network)`, 'm'));
  });

  it('does what needs no node', async () => {
    const profile = join(project, 'wrong.json');
    writeFileSync(profile, '{}');
    const { status, stdout } = await eko('doctor', '--profile', profile, '--json');
    expect({ status, told: JSON.parse(stdout) as unknown }).toMatchObject({
      status: 78,
      told: {
        findings: expect.arrayContaining([expect.objectContaining({ code: 'INVALID_CONFIG' })]) as unknown,
      },
    });
    expect(await errorOf('stream', 'list')).toMatchObject({ status: 4, error: { code: 'NOT_FOUND' } });
  });

  it.each([
    [['dev', 'up', '--directory', 'here', '--detach']],
    [['dev', 'status']],
    [['dev']],
    [['fabric', 'logs', 'peer0.org1', '--lines', '3']],
    [['chaincode', 'package', '--ccaas']],
    [['node', 'receipts', '--data', 'data', '--output', 'receipts.jsonl']],
    [['demo', '--file', 'scan.dcm']],
  ])('says of eko %j what is missing', async (args) => {
    expect(await errorOf(...args)).toMatchObject({
      status: 78,
      error: {
        code: 'INVALID_CONFIG',
        message: 'This command is in @eko/local-network, which is not installed',
        next: 'install it beside @eko/cli: npm install @eko/local-network',
      },
    });
    expect(readdirSync(project).sort()).toEqual([
      'node_modules',
      'package-lock.json',
      'package.json',
      'wrong.json',
    ]);
  });

  /** Puts something else in the place of the package with the networks. */
  const pretend = (version: string, commands: string): void => {
    const place = join(modules, '@eko/local-network');
    const exports = { './commands': './commands.js', './package.json': './package.json' };
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), JSON.stringify({ version, exports }));
    writeFileSync(join(place, 'commands.js'), commands);
  };

  it('runs no commands of another version, and its own nevertheless', async () => {
    pretend('0.0.9', 'exports.LOCAL_COMMANDS = { dev: [] };');
    const { version } = manifestOf(join(ROOT, 'client-sdk/cli'));
    expect(await errorOf('dev', 'up')).toMatchObject({
      status: 78,
      error: {
        code: 'INVALID_CONFIG',
        message: `@eko/local-network is installed in version 0.0.9, and this eko is ${version}`,
        next: `install both alike: npm install @eko/local-network@${version}`,
      },
    });
    expect((await eko('stream', '--help')).status).toBe(0);
  });

  it('does not take a package that is broken for one that is not there', async () => {
    pretend(manifestOf(join(ROOT, 'client-sdk/cli')).version, `require('fastify');`);
    expect(await errorOf('dev', 'up')).toMatchObject({
      status: 70,
      error: {
        code: 'INTERNAL',
        message: expect.stringMatching(
          /^@eko\/local-network is installed, but cannot be loaded: .*'fastify'/,
        ) as unknown,
        next: 'install it again: npm install @eko/local-network',
      },
    });
    expect((await eko('stream', '--help')).status).toBe(0);
  });
});
