import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { shellBlocks } from '../../support/docs/shell-blocks';

const TESTS = join(__dirname, '../../fabric');

describe('the page on deploying', () => {
  it('has every command run by a test, or says that none does and why', () => {
    const blocks = shellBlocks();
    expect(blocks.length).toBeGreaterThan(5);
    const unmarked = blocks.filter(({ name, reason }) => name === undefined && reason === undefined);
    expect(unmarked.map(({ commands }) => commands)).toEqual([]);
  });

  it('names only blocks that a test runs, each once', () => {
    const tests = readdirSync(TESTS).map((file) => readFileSync(join(TESTS, file), 'utf8'));
    const names = shellBlocks().flatMap(({ name }) => (name === undefined ? [] : [name]));
    expect(names.filter((name) => !tests.some((test) => test.includes(`'${name}'`)))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
