import { fstatSync, readSync, statSync, writeSync } from 'node:fs';

/**
 * Whether standard input (0) or output (1) was closed when this process began. Node opens the null device for reading
 * and writing in the place of one that was; a shell's redirection opens it one way only.
 */
export function wasClosed(descriptor: 0 | 1): boolean {
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isCharacterDevice() || facts.rdev !== statSync('/dev/null').rdev) return false;
  } catch {
    return true;
  }
  try {
    if (descriptor === 0) writeSync(descriptor, new Uint8Array());
    else readSync(descriptor, new Uint8Array(1));
    return true;
  } catch {
    return false;
  }
}
