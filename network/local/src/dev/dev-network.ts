import { inParallel } from '../processes/in-parallel';
import { EkoError } from '@eko/protocol';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DevLayout } from './dev-layout';
import type { DevLedger } from './dev-ledger';
import { DevProcess, type ProcessExit } from './dev-process';
import { nodeMain } from './entry-points';
import type { LedgerChoice } from './ledger-choice';
import type { DevNetworkFile, DevNode } from './network-file';
import { newDevLedger } from './new-dev-ledger';
import { planNetwork } from './plan-network';
import { prepareNode } from './prepare-node';
import { awaitReady } from './readiness';
import { registerNetwork } from './register-network';
import { LEDGER_PROCESS } from './start-ledger';

/** What happens while the network comes up. */
export interface DevProgress {
  readonly name: string;
  readonly step: 'starting' | 'registered' | 'ready';
  /** How many of all processes are ready. */
  readonly ready: number;
  readonly total: number;
}

/** What a development network is started with. */
export interface DevNetworkOptions {
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** How long a block of the embedded ledger waits for more transactions; a few milliseconds if it is not said. */
  readonly blockTimeoutMs?: number;
  /** The embedded ledger, or that of an earlier start, where it is not said. */
  readonly ledger?: LedgerChoice | undefined;
  /** Whether nothing of the network shall stay on a ledger that outlives it. */
  readonly isPassing?: boolean;
  /** Where Fabric's programs are looked for: `FABRIC_BIN`, `PATH`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: DevProgress) => void;
  /** A process ended that nobody stopped. */
  readonly onLost?: (name: string, exit: ProcessExit) => void;
}

/** Nodes start this many at a time: more would only wait for the processor. */
const AT_ONCE = 3;
/**
 * Loading its code lets V8's space for young objects grow to 16 MB, which a node that then does little keeps for long.
 * With this bound it takes some 8 MB less.
 */
const NODE_OPTIONS = ['--max-semi-space-size=4'];
const READY_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 8_000;

/** A ledger and nine nodes; the nodes, and the embedded ledger, are processes of this one. */
export class DevNetwork {
  readonly layout: DevLayout;
  readonly network: DevNetworkFile;
  readonly #processes = new Map<string, DevProcess>();
  readonly #options: DevNetworkOptions;
  readonly #stopping = new AbortController();
  readonly #ledger: DevLedger;
  #ready = 0;

  private constructor(layout: DevLayout, network: DevNetworkFile, options: DevNetworkOptions) {
    this.layout = layout;
    this.network = network;
    this.#options = options;
    this.#ledger = newDevLedger({
      layout,
      network,
      env: options.env ?? {},
      signal: this.#signal(),
      blockTimeoutMs: options.blockTimeoutMs,
      isPassing: options.isPassing ?? false,
    });
  }

  /**
   * Starts the network of a directory and waits until all of it is ready; what the directory holds is kept. A start that
   * fails stops what it had started.
   *
   * @throws EkoError naming the process that did not come up
   */
  static async up(options: DevNetworkOptions): Promise<DevNetwork> {
    const layout = new DevLayout(resolve(options.directory));
    await mkdir(layout.directory, { recursive: true, mode: 0o700 });
    const started = new DevNetwork(layout, await planNetwork(layout, options.ledger), options);
    try {
      await started.#startAll();
      return started;
    } catch (error) {
      await started.down();
      throw error;
    }
  }

  /** Names of all processes, the ledger first. */
  get names(): readonly string[] {
    return [LEDGER_PROCESS, ...this.network.nodes.map(({ nodeId }) => nodeId)];
  }

  /** A running process's ID. */
  pidOf(name: string): number | undefined {
    return this.#processes.get(name)?.pid;
  }

  /** Ends a process with SIGKILL, as a crash would, and waits until it is gone. */
  async kill(name: string): Promise<void> {
    const target = this.#processes.get(name);
    if (target === undefined) throw this.#unknown(name);
    this.#processes.delete(name);
    target.kill('SIGKILL');
    await target.exited;
  }

  /**
   * Starts one process again, whether it runs or not, and waits until it is ready.
   *
   * @throws EkoError `NOT_FOUND` for a name that the network does not have
   */
  async restart(name: string): Promise<void> {
    const node = this.network.nodes.find(({ nodeId }) => nodeId === name);
    if (node === undefined && name !== LEDGER_PROCESS) throw this.#unknown(name);
    const present = this.#processes.get(name);
    this.#processes.delete(name);
    await present?.stop(STOP_GRACE_MS);
    if (node === undefined) await this.#startLedger();
    else await this.#startNode(node);
  }

  /** Stops everything: the parties first, the ledger last. */
  async down(): Promise<void> {
    this.#stopping.abort();
    const takeOut = (name: string): readonly DevProcess[] => {
      const found = this.#processes.get(name);
      this.#processes.delete(name);
      return found === undefined ? [] : [found];
    };
    for (const role of ['party', 'orchestrator', 'witness'] as const) {
      const names = this.network.nodes.filter((node) => node.role === role).map(({ nodeId }) => nodeId);
      await Promise.all(names.flatMap(takeOut).map((each) => each.stop(STOP_GRACE_MS)));
    }
    await Promise.all(takeOut(LEDGER_PROCESS).map((each) => each.stop(STOP_GRACE_MS)));
    await this.#ledger.down();
  }

  async #startLedger(): Promise<void> {
    const started = await this.#ledger.up();
    if (started !== undefined) this.#keep(started);
  }

  async #startAll(): Promise<void> {
    const { layout, network } = this;
    const signal = this.#signal();
    this.#report(LEDGER_PROCESS, 'starting');
    await Promise.all([
      this.#startLedger(),
      inParallel(network.nodes, AT_ONCE, (node) => prepareNode(layout, node)),
    ]);
    this.#markReady(LEDGER_PROCESS);
    // A node that is up before it is registered waits; loading its code takes longer than the registration.
    await Promise.all([
      registerNetwork(layout, network, signal, (nodeId) => this.#report(nodeId, 'registered')),
      inParallel(network.nodes, AT_ONCE, async (node) => {
        signal.throwIfAborted();
        this.#report(node.nodeId, 'starting');
        await this.#startNode(node);
        this.#markReady(node.nodeId);
      }),
    ]);
  }

  async #startNode({ nodeId, role, operationsPort }: DevNode): Promise<void> {
    const { configuration, log } = this.layout.node(nodeId);
    const started = DevProcess.spawn({
      name: nodeId,
      main: nodeMain(role),
      args: ['--config', configuration],
      nodeOptions: NODE_OPTIONS,
      logFile: log,
    });
    this.#keep(started);
    await started.ready(READY_DEADLINE_MS);
    await awaitReady({
      name: nodeId,
      operationsPort,
      deadlineMs: READY_DEADLINE_MS,
      signal: this.#signal(),
    });
  }

  #keep(started: DevProcess): void {
    const { name } = started;
    this.#processes.set(name, started);
    void started.exited.then((exit) => {
      if (this.#processes.get(name) !== started || this.#stopping.signal.aborted) return;
      this.#processes.delete(name);
      this.#options.onLost?.(name, exit);
    });
  }

  #markReady(name: string): void {
    this.#ready += 1;
    this.#report(name, 'ready');
  }

  #report(name: string, step: DevProgress['step']): void {
    this.#options.onProgress?.({ name, step, ready: this.#ready, total: this.names.length });
  }

  #signal(): AbortSignal {
    const { signal } = this.#options;
    return signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
  }

  #unknown(name: string): EkoError {
    return new EkoError('NOT_FOUND', `No process ${name}; there are ${this.names.join(', ')}`, {
      details: { name },
    });
  }
}
