import { EkoError } from '@eko/protocol';
import { unusable } from '../system-errors';
import { constants, fstatSync, ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { wasClosed } from './closed-descriptor';

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

/**
 * Standard input, where it can be read. Node gives an empty stream for what it cannot read (a folder, a block device), and
 * opens the null device where standard input was closed: neither is an empty file.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
function openStandardInput(): Readable {
  if (wasClosed(0)) throw unreadable('is closed: give a file, or < /dev/null to send nothing');
  const { stdin } = process;
  if (!(stdin instanceof ReadStream || stdin instanceof Socket) || fstatSync(0).isDirectory())
    throw unreadable('is no file, pipe or terminal');
  return stdin;
}

function unreadable(why: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `standard input ${why}`, { details: { file: 'standard input' } });
}
