import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every machine that Node runs on. */
const TICK_MS = 10;

/**
 * Processor time that processes have used so far, all their threads, in milliseconds, as the operating system counts it.
 * One that has ended counts nothing.
 */
export function processorMs(pids) {
  return pids.reduce((sum, pid) => sum + processorMsOf(pid), 0);
}

function processorMsOf(pid) {
  try {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) * TICK_MS;
  } catch {
    return 0;
  }
}
