import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Only its owner may read it: most of these files name or hold a key. */
const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Puts a whole file in place, or none; the folders above are made, for the owner alone. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  await writeFile(`${path}.new`, content, { mode: PRIVATE, flush: true });
  await rename(`${path}.new`, path);
}
