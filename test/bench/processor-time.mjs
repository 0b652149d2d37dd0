import { readFileSync, readdirSync } from 'node:fs';

const NS_PER_MS = 1e6;

/**
 * Processor time (user and system) that processes have used so far, all threads that they have, in milliseconds.
 *
 * @param kinds - process IDs by the kind of process
 * @returns the time of each kind; a process that has ended counts nothing
 */
export function processorMs(kinds) {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, pids]) => [kind, pids.reduce((sum, pid) => sum + msOf(pid), 0)]),
  );
}

/** What is read of the kernel is the time that it gave each thread, in nanoseconds: ticks are too coarse for one stream. */
function msOf(pid) {
  const folder = `/proc/${pid}/task`;
  return threadsOf(folder).reduce((sum, thread) => {
    try {
      return sum + Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]) / NS_PER_MS;
    } catch {
      return sum;
    }
  }, 0);
}

function threadsOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What a piece of work takes of the processors of a lane, by the kind of process, and how long it takes. */
export async function spending(lane, work) {
  const before = processorMs(lane.kinds());
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  const after = processorMs(lane.kinds());
  return { ms, spent: mapKinds(after, (spent, kind) => spent - (before[kind] ?? 0)) };
}

/** The same without what the processes take in that time when there is nothing to do, as it was last measured. */
export async function spendingAboveIdle(lane, work) {
  const { ms, spent } = await spending(lane, work);
  const idle = (kind) => ((lane.idlePerSecond[kind] ?? 0) * ms) / 1000;
  return { ms, spent: mapKinds(spent, (value, kind) => Math.max(0, value - idle(kind))) };
}

/** Each kind's value made another. */
export function mapKinds(byKind, change) {
  return Object.fromEntries(Object.entries(byKind).map(([kind, value]) => [kind, change(value, kind)]));
}

/** The sum over some kinds, or all. */
export function sumOf(byKind, kinds = Object.keys(byKind)) {
  return kinds.reduce((sum, kind) => sum + (byKind[kind] ?? 0), 0);
}
