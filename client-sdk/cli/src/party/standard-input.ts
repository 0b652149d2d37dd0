import { EkoError } from '@eko/protocol';
import { ReadStream, fstatSync, statSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * Standard input, where it can be read. Node gives an empty stream for what it cannot read (a folder, a block device), and
 * opens the null device where standard input was closed: neither is an empty file.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function openStandardInput(): Readable {
  if (wasClosed()) throw unreadable('is closed: give a file, or < /dev/null to send nothing');
  const { stdin } = process;
  if (!(stdin instanceof ReadStream || stdin instanceof Socket) || fstatSync(0).isDirectory())
    throw unreadable('is no file, pipe or terminal');
  return stdin;
}

function unreadable(why: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `standard input ${why}`, { details: { file: 'standard input' } });
}

/** Node opens the null device for reading and writing in the place of a descriptor that is closed; a shell's `<` only for reading. */
function wasClosed(): boolean {
  try {
    const input = fstatSync(0);
    if (!input.isCharacterDevice() || input.rdev !== statSync('/dev/null').rdev) return false;
  } catch {
    return true;
  }
  try {
    writeSync(0, new Uint8Array());
    return true;
  } catch {
    return false;
  }
}
