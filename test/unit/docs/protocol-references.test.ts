import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const FOLDERS = ['chaincode', 'client-sdk', 'network', 'test'];
const REFERENCE = /@see .*?protocol\.md.*/g;
/** `docs/protocol.md, "one heading", "another" and "a third"`; what else is to be seen follows a semicolon. */
const FORM = /^@see docs\/protocol\.md, ("[^"]+"(?:, "[^"]+")*(?: and "[^"]+")?)(?:;.*| \*\/)?$/;

const sources = (): readonly string[] =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/(^|\/)(dist|node_modules)\//.test(path))
      .map((path) => join(folder, path)),
  );

describe('references to the protocol page', () => {
  const page = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8');
  const headings = new Set([...page.matchAll(/^##+ (.+)$/gm)].map(([, heading]) => heading));
  const references = sources()
    .filter((path) => join(ROOT, path) !== __filename)
    .flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(REFERENCE)].map(([text]) => ({ path, text })),
    );

  it('name headings that it has', () => {
    expect(references.length).toBeGreaterThan(0);
    const wrong = references.filter(({ text }) => {
      const named = [...(FORM.exec(text)?.[1] ?? '').matchAll(/"([^"]+)"/g)];
      return named.length === 0 || !named.every(([, heading = '']) => headings.has(heading));
    });
    expect(wrong).toEqual([]);
  });
});
