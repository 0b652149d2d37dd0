import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Does something in a new folder, which goes with it; when it fails, the folder stays and `progress` says where. */
export async function withFolder({ prefix, progress }, work) {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  let result;
  try {
    result = await work(directory);
  } catch (error) {
    progress(`failed; the logs and all else of the network are kept in ${directory}`);
    throw error;
  }
  await rm(directory, { recursive: true, force: true });
  return result;
}
