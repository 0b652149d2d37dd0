import { readFileSync, readdirSync } from 'node:fs';
import { Counter, Gauge, type Metrics, newGauge } from './metrics';

/** The process as far as it is measured. */
export interface MeasuredProcess {
  cpuUsage(): { readonly user: number; readonly system: number };
  memoryUsage(): { readonly rss: number; readonly heapUsed: number };
  uptime(): number;
  readonly version: string;
}

/** Which build of which node runs. */
export interface NodeBuild {
  readonly version: string;
  readonly role: string;
}

/** As Prometheus names them for every process. @see https://prometheus.io/docs/instrumenting/writing_clientlibs/ */
export function observeProcess(
  metrics: Metrics,
  { version, role }: NodeBuild,
  measured: MeasuredProcess,
): void {
  const registers = [metrics];
  new Gauge({
    name: 'eko_build_info',
    help: 'Always 1; which version of which node runs on which Node.js',
    labelNames: ['version', 'role', 'node'] as const,
    registers,
  }).set({ version, role, node: measured.version }, 1);
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time, of user and system',
    registers,
    collect() {
      const { user, system } = measured.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const startedAt = Math.round(Date.now() / 1_000 - measured.uptime());
  newGauge(metrics, 'process_start_time_seconds', 'When the process started, Unix time', () => startedAt);
  newGauge(
    metrics,
    'process_resident_memory_bytes',
    'Memory that is in RAM',
    () => measured.memoryUsage().rss,
  );
  newGauge(metrics, 'process_heap_bytes', 'JavaScript heap in use', () => measured.memoryUsage().heapUsed);
  const openFiles = openFileDescriptors();
  if (openFiles === undefined) return;
  newGauge(metrics, 'process_open_fds', 'Open file descriptors', () => openFileDescriptors() ?? Number.NaN);
  newGauge(metrics, 'process_max_fds', 'File descriptors that may be open', maxFileDescriptors);
}

/** Only Linux tells. */
function openFileDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // Another system: the metric is left out.
    return undefined;
  }
}

function maxFileDescriptors(): number {
  return Number(
    /^Max open files +([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.NaN,
  );
}
