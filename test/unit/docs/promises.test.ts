import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');

const section = (heading: string): string =>
  PAGE.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';

/** `| 3 | [\`test/a.test.ts\`](test/a.test.ts), "a name"; … |`: the promises with what shows each. */
const rows = [...section('What shows each promise').matchAll(/^\| (\d+) +\| (.+?) *\|$/gm)].map(
  ([, number, tests = '']) => ({
    number: Number(number),
    tests: [...tests.matchAll(/\[`([^`]+)`\]\(([^)]+)\), "([^"]+)"/g)].map(
      ([, shown, path = '', name = '']) => ({
        shown,
        path,
        name,
      }),
    ),
  }),
);

describe('the promises of SECURITY.md', () => {
  const promised = [...section('What EKO promises').matchAll(/^(\d+)\. /gm)].map(([, number]) =>
    Number(number),
  );

  it('have tests that show them, each of them', () => {
    expect(promised.length).toBeGreaterThan(0);
    expect(rows.map(({ number }) => number)).toEqual(promised);
    for (const { tests } of rows) expect(tests.length).toBeGreaterThan(0);
  });

  it('name tests that there are', () => {
    for (const { path, shown, name } of rows.flatMap(({ tests }) => tests)) {
      expect(shown).toBe(path);
      expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
      // A name is written as a whole, or up to what a table of cases fills in.
      const [fixed = ''] = name.split('%s');
      expect([
        path,
        name,
        readFileSync(join(ROOT, path), 'utf8').replaceAll("\\'", "'").includes(fixed),
      ]).toEqual([path, name, true]);
    }
  });
});
