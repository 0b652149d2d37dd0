import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(__dirname, '../../..');
const SUPPORT = join(ROOT, 'test/support');
const MOST_LINES = 7_000;

/** Every file below a folder. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** The sources of a package, by the name of its folder. */
function sourcesOf(name: string): string {
  const folders = [`${name}/src`, `client-sdk/${name}/src`, `network/${name}/src`];
  const found = folders.map((folder) => join(ROOT, folder)).find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`there is no package ${name}`);
  return found;
}

/** The files that a test or a part of the machinery of tests imports by path. */
function importsOf(file: string): readonly string[] {
  const specifiers = readFileSync(file, 'utf8').matchAll(/from '(\.[^']*)'/g);
  return [...specifiers].map(([, path = '']) => resolve(dirname(file), path));
}

describe('the tree of the tests', () => {
  it('has a folder of unit tests only where the sources have one', () => {
    const unit = join(ROOT, 'test/unit');
    const folders = filesBelow(unit)
      .map((file) => relative(unit, dirname(file)))
      .filter((folder) => !folder.startsWith('docs'));
    const strays = [...new Set(folders)].filter((folder) => {
      const [name = '', ...rest] = folder.split('/');
      return !existsSync(join(sourcesOf(name), ...rest));
    });
    expect(strays).toEqual([]);
  });

  it('keeps beside its tests what only one folder of them uses', () => {
    const users = new Map<string, Set<string>>();
    for (const file of filesBelow(join(ROOT, 'test')).filter((each) => each.endsWith('.ts')))
      for (const used of importsOf(file)) users.set(used, (users.get(used) ?? new Set()).add(dirname(file)));
    const machinery = filesBelow(SUPPORT).filter((file) => /(?<!\.d)\.ts$/.test(file));
    const strays = machinery.filter((file) => {
      const folders = [...(users.get(file.replace(/\.ts$/, '')) ?? [])];
      return folders.length < 2 && !folders.some((folder) => folder.startsWith(SUPPORT));
    });
    expect(strays.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('has four harnesses and no more machinery than its bound', () => {
    const folders = readdirSync(SUPPORT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const harnesses = folders.map(({ name }) => name).filter((name) => name !== 'data');
    expect(harnesses.sort()).toEqual(['contracts', 'in-process', 'processes', 'simulated']);
    const lines = filesBelow(SUPPORT).map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThan(MOST_LINES);
  });
});
