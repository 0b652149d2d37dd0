import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a process takes of its host. */
export interface Footprint {
  /** Resident memory, as Linux counts it. */
  readonly memoryBytes: number;
  /** All files of its data folder. */
  readonly diskBytes: number;
}

/** The footprint of a process and of its data folder, now. */
export function footprintOf(pid: number, dataFolder: string): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc says nothing of the memory of ${pid}`);
  return { memoryBytes: Number(kib) * 1024, diskBytes: sizeOf(dataFolder) };
}

function sizeOf(path: string): number {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  // A store removes files of its own while they are counted.
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
