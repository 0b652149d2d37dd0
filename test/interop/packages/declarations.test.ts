import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** What people import, each by its folder under client-sdk. */
const manifests = readdirSync(join(ROOT, 'client-sdk')).map((folder) => ({
  folder: join(ROOT, 'client-sdk', folder),
  manifest: JSON.parse(readFileSync(join(ROOT, 'client-sdk', folder, 'package.json'), 'utf8')) as Manifest,
}));

const entries = manifests.flatMap(({ manifest: { name, exports = { '.': { types: 'dist/index.d.ts' } } } }) =>
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object' && target.types !== undefined)
    .map(([path]) => name + path.slice(1)),
);

/** An application of other people: nothing is there but EKO, Node's types, and the strictest check of declarations. */
describe('the declarations of what people import', () => {
  const project = mkdtempSync(join(tmpdir(), 'eko-declarations-'));

  beforeAll(() => {
    const modules = join(project, 'node_modules');
    for (const scope of ['@eko', '@types']) mkdirSync(join(modules, scope), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(modules, '@types/node'));
    for (const { folder, manifest } of manifests) symlinkSync(folder, join(modules, manifest.name));
    const program = [
      ...entries.map((entry, place) => `import * as entry${place} from '${entry}';`),
      `export const all = [${entries.map((_, place) => `entry${place}`).join(', ')}];`,
    ].join('\n');
    for (const form of ['module.mts', 'commonjs.cts']) writeFileSync(join(project, form), program);
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          module: 'nodenext',
          moduleResolution: 'nodenext',
          target: 'es2022',
          noEmit: true,
          types: ['node'],
          skipLibCheck: false,
        },
        files: ['module.mts', 'commonjs.cts'],
      }),
    );
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('compile under strict without skipLibCheck, from ECMAScript and CommonJS modules', () => {
    expect(entries).toEqual(
      expect.arrayContaining(['@eko/sdk', '@eko/sdk/node', '@eko/protocol', '@eko/audit']),
    );
    const { status, stdout } = spawnSync(process.execPath, [COMPILER, '-p', project], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 120_000);
});
