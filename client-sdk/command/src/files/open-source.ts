import { EkoError } from '@eko/protocol';
import { constants, fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { codeOf } from '@eko/protocol/node';
import { openStandardInput } from './standard-input';

/** What bytes are read from; a pipe does not know its size. */
export interface OpenedSource {
  /** Its name, for people. */
  readonly name: string;
  readonly stream: Readable;
  readonly sizeBytes?: number;
  /** Whether a source that has ended after so many bytes became shorter meanwhile: that is not all that was to be sent. */
  readonly isCutShort?: (readBytes: number) => boolean;
}

/**
 * Opens a file, or standard input as `-`.
 *
 * @throws EkoError `INVALID_ARGUMENT` for what cannot be read or is no file
 */
export async function openSource(file: string): Promise<OpenedSource> {
  if (file === '-') return standardInput();
  // A pipe without a writer would keep this waiting, and the process from ever ending.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unusable(file, 'cannot be read', { cause: error });
  });
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw facts.isDirectory()
      ? unusable(file, 'is a folder', { next: 'send what is in it: tar c FOLDER | eko send STREAM' })
      : unusable(file, 'is no file', { next: 'redirect it: eko send STREAM < NAME' });
  }
  return {
    name: file,
    stream: handle.createReadStream({ highWaterMark: 256 * 1024 }),
    sizeBytes: facts.size,
    isCutShort: (readBytes) => readBytes < facts.size,
  };
}

/** A file may be redirected to it, from anywhere in the middle. */
function standardInput(): OpenedSource {
  const source = { name: 'standard input', stream: openStandardInput() };
  const facts = fstatSync(0);
  return facts.isFile() ? { ...source, isCutShort: () => fstatSync(0).size < facts.size } : source;
}

/** What helps where the system refuses a file. */
const BY_REFUSAL: Readonly<Record<string, string>> = {
  ENOENT: 'see whether it is there, and the folder that it is in',
  ENOTDIR: 'see whether it is there, and the folder that it is in',
  EACCES: 'choose another place, or give yourself the permission',
  EPERM: 'choose another place, or give yourself the permission',
  EROFS: 'choose another place, or give yourself the permission',
};

/**
 * The error of a file that cannot be used as it was asked for.
 *
 * @param more - `cause`, what the system said; `next`, what a person can do, where that does not tell
 */
export function unusable(
  file: string,
  why: string,
  { cause, next }: { readonly cause?: unknown; readonly next?: string },
): EkoError {
  const code = cause === undefined ? undefined : codeOf(cause);
  const helps = next ?? (code === undefined ? undefined : BY_REFUSAL[code]);
  return new EkoError('INVALID_ARGUMENT', `${file} ${why}${code === undefined ? '' : ` (${code})`}`, {
    details: { file, ...(helps === undefined ? {} : { next: helps }) },
    cause,
  });
}
