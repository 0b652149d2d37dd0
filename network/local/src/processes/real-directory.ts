import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A network's directory as the process table names it: absolute, without symbolic links. */
export async function realDirectory(directory: string): Promise<string> {
  const absolute = resolve(directory);
  return existsSync(absolute) ? realpath(absolute) : absolute;
}
