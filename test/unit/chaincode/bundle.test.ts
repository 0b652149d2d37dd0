import { parse } from 'acorn';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const CHAINCODE = join(ROOT, 'chaincode');
const BUNDLE = join(CHAINCODE, 'dist/bundle');
const SODIUM = 'libsodium-sumo.mjs';

/** Methods and functions that came after Node 18, whose engine the oldest image of Fabric 2.5 has. */
const AFTER_NODE_18 = new Set(
  [
    'fromAsync groupBy withResolvers toSorted toReversed toSpliced isWellFormed toWellFormed getOrInsert',
    'intersection symmetricDifference isSubsetOf isSupersetOf isDisjointFrom asyncDispose',
    'transferToFixedLength sumPrecise setFromHex setFromBase64',
  ].flatMap((line) => line.split(' ')),
);

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<
    Record<string, { version: string; resolved?: string; dev?: boolean; engines?: { node?: string } }>
  >;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const manifest = readJson(join(CHAINCODE, 'package.json')) as Manifest;

/** Every node of a syntax tree. */
function* nodesOf(value: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  else if (typeof value === 'object' && value !== null) {
    yield value as Record<string, unknown>;
    yield* nodesOf(Object.values(value));
  }
}

describe('the bundle that peers run', () => {
  const files = readdirSync(BUNDLE).filter((name) => name.endsWith('.js'));
  const trees = [...files, SODIUM].map((name) => {
    const text = readFileSync(join(BUNDLE, name), 'utf8');
    const sourceType = name === SODIUM ? 'module' : 'script';
    // ES2022 is what Node 18 knows; a later form does not parse.
    return { name, nodes: [...nodesOf(parse(text, { ecmaVersion: 2022, sourceType }))] };
  });

  it('has the contracts and the start program', () => {
    expect(files).toEqual(expect.arrayContaining(['index.js', 'main.js']));
  });

  it.each(trees)('calls nothing in $name that Node 18 does not have', ({ nodes }) => {
    const members = nodes
      .filter(({ type }) => type === 'MemberExpression')
      .map(({ property }) => (property as { name?: string }).name ?? '');
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter((name) => AFTER_NODE_18.has(name))).toEqual([]);
  });

  it.each(trees)('requires in $name only itself, Node and what package.json lists', ({ nodes }) => {
    const required = nodes
      .filter(
        ({ type, callee }) => type === 'CallExpression' && (callee as { name?: string }).name === 'require',
      )
      .map((call) => String((call['arguments'] as { value?: unknown }[])[0]?.value));
    const foreign = required.filter(
      (name) =>
        !isBuiltin(name) &&
        manifest.dependencies[name] === undefined &&
        !(name.startsWith('./') && existsSync(join(BUNDLE, name))),
    );
    expect(foreign).toEqual([]);
  });

  it('is JavaScript that people can read, beside libsodium as npm has it', () => {
    const texts = files.map((name) => readFileSync(join(BUNDLE, name), 'utf8'));
    expect(texts.filter((text) => text.includes('sumOfMultiples'))).not.toEqual([]);
    const compiled = trees.filter(({ nodes }) =>
      nodes.some(({ type, name }) => type === 'Identifier' && name === 'WebAssembly'),
    );
    expect(compiled.map(({ name }) => name)).toEqual([SODIUM]);
    const published = join(ROOT, 'node_modules/libsodium-sumo/dist/modules-sumo-esm', SODIUM);
    expect(readFileSync(join(BUNDLE, SODIUM)).equals(readFileSync(published))).toBe(true);
  });

  it('imports libsodium from beside itself, and else the shim alone', () => {
    const imported = trees.flatMap(({ nodes }) =>
      nodes.flatMap(({ type, source }) =>
        type === 'ImportExpression' ? [(source as { value?: unknown }).value] : [],
      ),
    );
    expect(imported).toEqual(['fabric-shim', `./${SODIUM}`]);
  });

  it('carries the licences of what is inside', () => {
    const text = readFileSync(join(BUNDLE, 'LICENCES.txt'), 'utf8');
    for (const name of ['@noble/curves', '@noble/hashes', '@sinclair/typebox']) {
      expect(text).toMatch(new RegExp(`^${name} [0-9.]+ \\(MIT\\)$`, 'm'));
    }
    expect(text).toMatch(/^libsodium-sumo [0-9.]+ \(ISC\)$/m);
  });
});

describe('what a peer installs', () => {
  const shrinkwrap = (readJson(join(CHAINCODE, 'npm-shrinkwrap.json')) as Lock).packages;
  const lock = (readJson(join(ROOT, 'package-lock.json')) as Lock).packages;
  const places = Object.keys(shrinkwrap).filter((place) => place !== '');

  it('is pinned, in package.json and below', () => {
    expect(
      Object.values(manifest.dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version)),
    ).toEqual([]);
    expect(shrinkwrap['']).toMatchObject({ name: manifest.name, dependencies: manifest.dependencies });
    expect(shrinkwrap['node_modules/class-transformer']?.version).toBe(
      manifest.overrides['class-transformer'],
    );
  });

  it('holds nothing of EKO, nothing for development and no address of a registry', () => {
    expect(places.length).toBeGreaterThan(50);
    expect(places.filter((place) => place.includes('@eko/'))).toEqual([]);
    expect(places.filter((place) => shrinkwrap[place]?.dev === true)).toEqual([]);
    expect(Object.values(shrinkwrap).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('is what everything here is tested with', () => {
    const differing = places.filter((place) => shrinkwrap[place]?.version !== lock[place]?.version);
    // Run `node scripts/chaincode-shrinkwrap.mjs` when a dependency of the chaincode has moved.
    expect(differing).toEqual([]);
  });
});
