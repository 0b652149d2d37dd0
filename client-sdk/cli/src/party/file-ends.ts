import { EkoError } from '@eko/protocol';
import { constants, fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { openStandardInput } from './standard-input';

/** Where bytes come from; a pipe does not know its size. */
export interface ByteSource {
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
export async function openSource(file: string): Promise<ByteSource> {
  if (file === '-') return standardInput();
  // A pipe without a writer would keep this waiting, and the process from ever ending.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unusable(file, 'cannot be read', error);
  });
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw unusable(file, 'is no file');
  }
  return {
    name: file,
    stream: handle.createReadStream({ highWaterMark: 256 * 1024 }),
    sizeBytes: facts.size,
    isCutShort: (readBytes) => readBytes < facts.size,
  };
}

/** A file may be redirected to it, from anywhere in the middle. */
function standardInput(): ByteSource {
  const source = { name: 'standard input', stream: openStandardInput() };
  const facts = fstatSync(0);
  return facts.isFile() ? { ...source, isCutShort: () => fstatSync(0).size < facts.size } : source;
}

/** The error of a file that cannot be used as it was asked for. */
export function unusable(file: string, why: string, cause?: unknown): EkoError {
  return new EkoError('INVALID_ARGUMENT', `${file} ${why}`, { details: { file }, cause });
}

/** The error of a source that broke off: what it gave is not the whole. */
export function unreadable(name: string, error: unknown): EkoError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return unusable(name, `cannot be read to its end (${code})`, error);
}

/** The error of a file that became shorter while it was sent. */
export function shortened(name: string): EkoError {
  const text = `${name} became shorter while it was sent: what went through is not all of it`;
  return new EkoError('INVALID_ARGUMENT', text, {
    details: { file: name, next: 'wait until nothing writes to it, then send it again' },
  });
}
