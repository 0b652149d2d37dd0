import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandsNamed, shellBlocks } from '../../support/data/shell-blocks';

const TESTS = ['../../fabric', '../../integration/examples'].map((folder) => join(__dirname, folder));

describe('the page on deploying', () => {
  it('has every command run by a test, or says that none does and why', () => {
    const blocks = shellBlocks();
    expect(blocks.length).toBeGreaterThan(5);
    const unmarked = blocks.filter(({ name, reason }) => name === undefined && reason === undefined);
    expect(unmarked.map(({ commands }) => commands)).toEqual([]);
  });

  it('starts nodes that call each other on a private network', () => {
    const configuration = /<<END\n([^]*?)END\n/.exec(commandsNamed('start-node'))?.[1] ?? '';
    const settings = JSON.parse(configuration.replaceAll(/\$\{\w+:-(\d+)\}/g, '$1')) as object;
    expect(settings).toMatchObject({ allowAddresses: ['10.0.0.0/8'] });
  });

  it('names only blocks that a test runs, each once', () => {
    const tests = TESTS.flatMap((folder) =>
      readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const names = shellBlocks().flatMap(({ name }) => (name === undefined ? [] : [name]));
    expect(names.filter((name) => !tests.some((test) => test.includes(`'${name}'`)))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
