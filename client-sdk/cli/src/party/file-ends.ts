import { EkoError } from '@eko/protocol';
import { open, rename, rm } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';

/** Where bytes come from; a pipe does not know its size. */
export interface ByteSource {
  readonly stream: Readable;
  readonly sizeBytes?: number;
}

/** Where bytes go to: a file that is there whole or not at all, or standard output. */
export interface ByteTarget {
  readonly stream: Writable;
  /** Puts the whole file in its place. */
  keep(): Promise<void>;
  /** Takes the part away that was written. */
  drop(): Promise<void>;
}

/**
 * Opens a file, or standard input as `-`.
 *
 * @throws EkoError `INVALID_ARGUMENT` for what cannot be read or is no file
 */
export async function openSource(file: string): Promise<ByteSource> {
  if (file === '-') return { stream: process.stdin };
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw unusable(file, 'cannot be read', error);
  });
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw unusable(file, 'is no file');
  }
  return { stream: handle.createReadStream({ highWaterMark: 256 * 1024 }), sizeBytes: facts.size };
}

/**
 * Opens a new file beside the one that is wanted, or standard output as `-`.
 *
 * @throws EkoError `INVALID_ARGUMENT` for a place that cannot be written
 */
export async function openTarget(file: string): Promise<ByteTarget> {
  if (file === '-') {
    const nothing = async (): Promise<void> => undefined;
    return { stream: process.stdout, keep: nothing, drop: nothing };
  }
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w', 0o600).catch((error: unknown) => {
    throw unusable(file, 'cannot be written', error);
  });
  const stream = handle.createWriteStream({ flush: true });
  return {
    stream,
    keep: () => rename(partial, file),
    drop: async () => {
      stream.destroy();
      await rm(partial, { force: true });
    },
  };
}

const unusable = (file: string, why: string, cause?: unknown): EkoError =>
  new EkoError('INVALID_ARGUMENT', `${file} ${why}`, { details: { file }, cause });
