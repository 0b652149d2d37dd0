import type { ArchivedFile } from './tar-archive';
import { EkoError } from '@eko/protocol';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A peer takes an install request of at most 100 MiB; a chaincode of ours is a hundredth of it. */
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/** Folders that a peer never packs, at whatever depth: it installs the dependencies itself. */
const LEFT_OUT: readonly string[] = ['node_modules', '.git'];

const METADATA_FOLDER = 'META-INF';
const INDEX_FILE = /^META-INF\/statedb\/couchdb\/(collections\/[^/]+\/)?indexes\/[^/]+\.json$/;

/**
 * The files that `peer lifecycle chaincode package --lang node` takes from a folder, under the names that it gives them
 * in `code.tar.gz`: everything under `src/`, except that indexes under `META-INF` keep their place and hidden files there
 * are left out. In the order of their names.
 *
 * @throws EkoError `INVALID_ARGUMENT` where the peer would refuse the folder, `TOO_LARGE` above 64 MiB
 */
export async function packedFiles(folder: string): Promise<readonly ArchivedFile[]> {
  const files: ArchivedFile[] = [];
  let totalBytes = 0;
  for (const path of await pathsUnder(folder, '')) {
    const name = packedName(path);
    if (name === undefined) continue;
    const file = join(folder, path);
    const { size } = await regularFile(file);
    totalBytes += size;
    if (totalBytes > MAX_TOTAL_BYTES) {
      throw new EkoError(
        'TOO_LARGE',
        `${folder} holds more than 64 MiB: move what is not chaincode out of it`,
      );
    }
    files.push({ name, content: await readFile(file) });
  }
  if (!files.some(({ name }) => name === 'src/package.json')) {
    throw new EkoError('INVALID_ARGUMENT', `${folder} has no package.json, so it is no chaincode for Node`);
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function pathsUnder(folder: string, inside: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true });
  const paths = entries.map(async (entry): Promise<readonly string[]> => {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return LEFT_OUT.includes(entry.name) ? [] : pathsUnder(folder, path);
  });
  return (await Promise.all(paths)).flat();
}

function packedName(path: string): string | undefined {
  if (!path.startsWith(METADATA_FOLDER)) return `src/${path}`;
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  if (fileName.startsWith('.')) return undefined;
  if (INDEX_FILE.test(path)) return path;
  throw new EkoError(
    'INVALID_ARGUMENT',
    `${path} is no CouchDB index, and a peer accepts nothing else under META-INF: move it`,
  );
}

/** A link to a file is packed as that file; a link to a folder, a socket or a pipe makes a peer's packager fail. */
async function regularFile(file: string): Promise<{ readonly size: number }> {
  const found = await stat(file);
  if (found.isFile()) return found;
  throw new EkoError(
    'INVALID_ARGUMENT',
    `${file} is neither a file nor a folder: take it out of the chaincode`,
  );
}
