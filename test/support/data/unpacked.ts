import { execFileSync } from 'node:child_process';

/** The names in a `.tar.gz`, sorted, as the machine's own tar reads them. */
export function namesInArchive(archive: Uint8Array): readonly string[] {
  return tar(['-tzf', '-'], archive).toString('utf8').trim().split('\n').sort();
}

/** One file of a `.tar.gz`. */
export function fileInArchive(archive: Uint8Array, name: string): Buffer {
  return tar(['-xzOf', '-', name], archive);
}

/** Unpacks a `.tar.gz` into a folder that is there. */
export function unpackArchive(archive: Uint8Array, folder: string): void {
  tar(['-xzf', '-', '-C', folder], archive);
}

function tar(args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync('tar', args, { input, maxBuffer: 64 * 1024 * 1024 });
}
