import { EkoError } from '@eko/protocol';
import { ReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { wasClosed } from './closed-descriptor';

/**
 * Standard input, where it can be read. Node gives an empty stream for what it cannot read (a folder, a block device), and
 * opens the null device where standard input was closed: neither is an empty file.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function openStandardInput(): Readable {
  if (wasClosed(0)) throw unreadable('is closed: give a file, or < /dev/null to send nothing');
  const { stdin } = process;
  if (!(stdin instanceof ReadStream || stdin instanceof Socket) || fstatSync(0).isDirectory())
    throw unreadable('is no file, pipe or terminal');
  return stdin;
}

function unreadable(why: string): EkoError {
  return new EkoError('INVALID_ARGUMENT', `standard input ${why}`, { details: { file: 'standard input' } });
}
