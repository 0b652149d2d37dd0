import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const EXAMPLE = /<!-- example: (\S+) -->\n\n```\w+\n([^]*?)```/g;

describe('the README', () => {
  it('shows every example as its file holds it', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(EXAMPLE)].map(([, file = '', text]) => ({ file, text }));
    const files = readdirSync(join(ROOT, 'docs/examples')).map((name) => `docs/examples/${name}`);
    expect(shown.map(({ file }) => file).sort()).toEqual(files.sort());
    for (const { file, text } of shown) expect(text).toBe(readFileSync(join(ROOT, file), 'utf8'));
  });
});
