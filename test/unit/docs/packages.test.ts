import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifestOf = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;
const whole = manifestOf('.');
const packages = whole.workspaces!.map((folder) => ({ folder, manifest: manifestOf(folder) }));

describe.each(packages)('the package $manifest.name', ({ folder, manifest }) => {
  it('has the version of all, and needs other packages in exactly that and in no range', () => {
    expect(manifest.version).toBe(whole.version);
    const { dependencies, peerDependencies, optionalDependencies } = manifest;
    const needed = { ...dependencies, ...peerDependencies, ...optionalDependencies };
    for (const [name, version] of Object.entries(needed)) {
      if (name.startsWith('@eko/')) expect(version).toBe(whole.version);
      else expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('says what it is: a sentence, words to find it by, a licence, and which Node.js it needs', () => {
    expect(manifest.description).toMatch(/^.{10,}\.$/);
    expect(manifest.keywords.length).toBeGreaterThanOrEqual(2);
    expect(manifest.license).toBe('Apache-2.0');
    expect(manifest.engines.node).toMatch(/^>=\d+/);
  });

  it('has a README of a few lines, whose links lead somewhere', () => {
    const readme = read(join(folder, 'README.md'));
    expect(readme.startsWith(`# ${manifest.name}\n`)).toBe(true);
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
    for (const [, target = ''] of readme.matchAll(/\]\(([^)#]+)[^)]*\)/g))
      expect({ target, isThere: existsSync(join(ROOT, folder, target)) }).toEqual({ target, isThere: true });
  });

  it('shows nothing but its entries, and each says in a sentence what it is', () => {
    const entries = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [] : [target.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts')],
    );
    expect(entries).toContain('src/index.ts');
    for (const entry of entries.filter((path) => path.endsWith('index.ts')))
      expect(read(join(folder, entry))).toMatch(
        /^\/\*\*\n \* [A-Z][^@]+\.\n \*\n \* @packageDocumentation\n \*\/\n/,
      );
  });
});

it('the READMEs of packages import what those export', async () => {
  const imports = packages.flatMap(({ folder }) => [
    ...read(join(folder, 'README.md')).matchAll(/^import \{ (.+) \} from '(@eko\/[^']+)';$/gm),
  ]);
  expect(imports.length).toBeGreaterThanOrEqual(2);
  for (const [, names = '', entry = ''] of imports) {
    const exported = Object.keys((await import(entry)) as object);
    expect({ entry, exported }).toEqual({
      entry,
      exported: expect.arrayContaining(names.split(', ')) as unknown,
    });
  }
});
