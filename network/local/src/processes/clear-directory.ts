import { rm, rmdir } from 'node:fs/promises';

/** Removes what a network made in its directory, and the directory if nothing else is in it. */
export async function clearDirectory({
  directory,
  entries,
}: {
  readonly directory: string;
  readonly entries: readonly string[];
}): Promise<void> {
  for (const entry of entries) await rm(entry, { recursive: true, force: true });
  // What others put there stays, and then so does the directory.
  await rmdir(directory).catch(() => undefined);
}
