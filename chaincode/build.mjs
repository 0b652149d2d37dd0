/**
 * Builds what a peer runs: `dist/bundle`, the contracts and the start program with everything of ours in them, so that
 * the chaincode needs nothing but Fabric's own packages where it is deployed.
 *
 * The bundle is made of what tsc wrote, which is what the tests run. Nothing of it is renamed or minified: Fabric finds
 * the contracts by the names of their classes, and whoever approves a chaincode should be able to read it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHAINCODE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = dirname(CHAINCODE);
const BUNDLE = join(CHAINCODE, 'dist/bundle');
/** What verifies proofs, WebAssembly in a text. It stays as npm has it, byte for byte, so that people can compare it. */
const SODIUM = 'libsodium-sumo';
const TOOLS = ['rolldown', 'typescript', SODIUM, '@eko/protocol'];

if (existsSync(join(REPOSITORY, 'client-sdk/protocol/package.json'))) {
  installMissingTools();
  compile();
  await bundle();
} else if (existsSync(join(BUNDLE, 'main.js'))) {
  console.log('This copy of the chaincode was built before it left its repository: nothing to do.');
} else {
  console.error(
    'This copy of the chaincode is not built. Run `npm run build` in the repository, and copy again.',
  );
  process.exitCode = 1;
}

/** `npm install` in this folder brings only what the chaincode runs on, so a first build completes the repository. */
function installMissingTools() {
  if (TOOLS.every((name) => existsSync(join(REPOSITORY, 'node_modules', name)))) return;
  const npm = process.env.npm_execpath;
  const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  execFileSync(program, [...first, 'ci', '--no-audit', '--no-fund'], { cwd: REPOSITORY, stdio: 'inherit' });
}

function compile() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '--build', CHAINCODE], { stdio: 'inherit' });
}

async function bundle() {
  const { rolldown } = await import('rolldown');
  const sodium = fileURLToPath(import.meta.resolve(SODIUM));
  const build = await rolldown({
    cwd: REPOSITORY,
    input: { index: join(CHAINCODE, 'dist/index.js'), main: join(CHAINCODE, 'dist/main.js') },
    external: [/^fabric-(contract-api|shim)(\/|$)/, SODIUM],
    platform: 'node',
    // What cannot be found would otherwise stay a `require` that fails on the peer.
    onLog(level, log, handle) {
      if (level === 'warn') throw new Error(log.message);
      handle(level, log);
    },
  });
  try {
    const { output } = await build.write({
      dir: BUNDLE,
      format: 'cjs',
      minify: false,
      chunkFileNames: '[name].js',
      paths: { [SODIUM]: `./${basename(sodium)}` },
      codeSplitting: {
        groups: [{ name: 'protocol', test: /client-sdk.protocol|node_modules/ }],
      },
    });
    copyFileSync(sodium, join(BUNDLE, basename(sodium)));
    writeLicences([...output.flatMap(({ moduleIds = [] }) => moduleIds), sodium]);
  } finally {
    await build.close();
  }
}

/** The licences of what is inside ask to travel with it. */
function writeLicences(moduleIds) {
  const folders = moduleIds.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  const texts = [...new Set(folders)]
    .filter(Boolean)
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = ['LICENSE', 'license', 'LICENSE.md'].map((each) => join(folder, each)).find(existsSync);
      return `${name} ${version} (${license})\n\n${readFileSync(file, 'utf8').trim()}\n`;
    });
  writeFileSync(join(BUNDLE, 'LICENCES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}
