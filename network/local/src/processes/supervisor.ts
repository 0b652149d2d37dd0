import { EkoError } from '@eko/protocol';
import { awaitReady } from './await-ready';
import { findProcesses, type RunningProcess } from './process-table';
import { startProcess, type ProcessExit, type ProcessPlan, type StartedProcess } from './start-process';
import { sendSignal, stopProcesses } from './stop-processes';

/** Whose processes they are. */
export interface SupervisorOptions {
  /** The network's: absolute, without symbolic links. */
  readonly directory: string;
  /** Once it aborts, nothing is started or waited for; stopping goes on. */
  readonly signal: AbortSignal;
  /** A process that this supervisor started ended, and nobody stopped it. */
  readonly onLost?: ((label: string, exit: ProcessExit) => void) | undefined;
}

/** Starts the processes of one network, waits for them, and stops them, also those that an earlier command started. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #started = new Map<string, StartedProcess>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts a process, without waiting for it.
   *
   * @throws EkoError `CANCELLED`
   */
  start(plan: ProcessPlan): StartedProcess {
    const { directory, signal, onLost } = this.#options;
    if (signal.aborted) throw new EkoError('CANCELLED', 'Stopped before everything was started');
    const { label } = plan;
    const started = startProcess(directory, plan);
    this.#started.set(label, started);
    void started.exited.then((exit) => {
      if (this.#started.get(label) !== started || signal.aborted) return;
      this.#started.delete(label);
      onLost?.(label, exit);
    });
    return started;
  }

  /**
   * Waits until a process is ready, as its plan says.
   *
   * @param deadlineMs - for each check of the plan
   * @throws EkoError as `awaitReady`
   */
  async ready(started: StartedProcess, { ready }: ProcessPlan, deadlineMs: number): Promise<void> {
    await awaitReady(started, ready, { deadlineMs, signal: this.#options.signal });
  }

  /** What runs of the network, whoever started it. */
  running(): Promise<readonly RunningProcess[]> {
    return findProcesses(this.#options.directory);
  }

  /** The ID of a running process that this supervisor started. */
  pidOf(label: string): number | undefined {
    return this.#started.get(label)?.pid();
  }

  /** Ends a process that this supervisor started as a crash would, and waits until it is gone; whether there was one. */
  async kill(label: string): Promise<boolean> {
    const target = this.#started.get(label);
    if (target === undefined) return false;
    this.#started.delete(label);
    const pid = target.pid();
    if (pid !== undefined) sendSignal(pid, 'SIGKILL');
    await target.exited;
    return true;
  }

  /**
   * Stops these processes, as far as this supervisor started them, and waits until they are gone. Another command's in
   * the same directory go on, whatever they are called: whoever came second may have failed because of them.
   */
  async stop(labels: readonly string[]): Promise<void> {
    const mine = this.#take(labels);
    if (mine.size > 0) await stopProcesses(this.#options.directory, ({ pid }) => mine.has(pid));
  }

  /** Stops what this supervisor started, and what else is meant. */
  async stopStarted(isMeantToo: (label: string) => boolean = () => false): Promise<void> {
    const mine = this.#take([...this.#started.keys()]);
    await stopProcesses(this.#options.directory, ({ pid, label }) => mine.has(pid) || isMeantToo(label));
  }

  /** The IDs of these processes, whose end is none that anybody is told of from now on. */
  #take(labels: readonly string[]): ReadonlySet<number> {
    const pids = new Set<number>();
    for (const label of labels) {
      const pid = this.pidOf(label);
      if (pid !== undefined) pids.add(pid);
      this.#started.delete(label);
    }
    return pids;
  }
}
