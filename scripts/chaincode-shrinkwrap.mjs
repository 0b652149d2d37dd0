/**
 * Writes chaincode/npm-shrinkwrap.json: the tree that a peer installs, in the very versions of the repository's own
 * lock file, with which everything here is tested. Run it after a dependency of the chaincode changed.
 *
 * Registry addresses are left out: npm then asks the registry that the peer's organisation has configured.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));
const CHAINCODE = join(REPOSITORY, 'chaincode');

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'eko-shrinkwrap-'));
try {
  copyFileSync(join(CHAINCODE, 'package.json'), join(folder, 'package.json'));
  const lock = readJson(join(REPOSITORY, 'package-lock.json'));
  const { name, version } = readJson(join(CHAINCODE, 'package.json'));
  // npm keeps the places and versions that it finds, and takes out what the chaincode does not need.
  const fromRegistry = Object.entries(lock.packages).filter(
    ([place, { link }]) => place.startsWith('node_modules/') && link !== true,
  );
  const packages = { '': { name, version }, ...Object.fromEntries(fromRegistry) };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, name, version, packages }));
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  const written = readJson(join(folder, 'package-lock.json'));
  for (const entry of Object.values(written.packages)) delete entry.resolved;
  writeFileSync(join(CHAINCODE, 'npm-shrinkwrap.json'), `${JSON.stringify(written, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
