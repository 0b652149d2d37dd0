import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const [, ...sections] = readFileSync(join(ROOT, 'docs/find-your-way.md'), 'utf8').split(/^## /m);

/** What a section names: files, each with names that are in it. */
const answers = sections.map((section) => {
  const [question = ''] = section.split('\n', 1);
  const found = [...section.matchAll(/\[`([^`]+)`\]\(\.\.\/([^)]+)\) \(((?:`\w+`(?:, )?)+)\)/g)];
  return {
    question,
    section,
    places: found.map(([, label = '', path = '', names = '']) => ({
      label,
      path,
      names: [...names.matchAll(/\w+/g)].map(([name]) => name),
    })),
  };
});

it('the page that helps a newcomer answers ten questions', () => {
  expect(answers).toHaveLength(10);
  for (const { question } of answers) expect(question).toMatch(/^(Where|How) .*\?$/);
});

describe.each(answers)('$question', ({ section, places }) => {
  it('is answered by one file, and two more at the most', () => {
    expect(places.length).toBeGreaterThanOrEqual(1);
    expect(places.length).toBeLessThanOrEqual(3);
    // A path that is not followed by names would not be looked at.
    expect(section.match(/\]\(\.\.\//g)).toHaveLength(places.length);
  });

  it('in files that are there, with the names in them', () => {
    for (const { label, path, names } of places) {
      expect(label).toBe(path);
      expect({ path, isThere: existsSync(join(ROOT, path)) }).toEqual({ path, isThere: true });
      const text = readFileSync(join(ROOT, path), 'utf8');
      const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
      expect({ path, missing }).toEqual({ path, missing: [] });
    }
  });

  it('and other paths that it names are there too', () => {
    for (const [, path = ''] of section.matchAll(/`((?:chaincode|client-sdk|network|test|docs)\/[\w./-]+)`/g))
      expect({ path, isThere: existsSync(join(ROOT, path)) }).toEqual({ path, isThere: true });
  });
});
