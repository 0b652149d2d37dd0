import { inParallel } from '../processes/in-parallel';
import type { ProcessExit } from '../processes/start-process';
import { Supervisor } from '../processes/supervisor';
import { EkoError } from '@eko/protocol';
import type { ProcessLock } from '@eko/command';
import { resolve } from 'node:path';
import { takeNetworkLock } from '../processes/network-lock';
import { realDirectory } from '../processes/real-directory';
import { askStatus } from './control-client';
import type { ControlAnswer } from './control-protocol';
import { serveControl, type ControlledNetwork } from './control-server';
import { DevLayout } from './dev-layout';
import type { DevLedger, DevLedgerOptions } from './dev-ledger';
import { FabricDevLedger } from './fabric-dev-ledger';
import type { DevNetworkFile, DevNode } from './network-file';
import { planNetwork, type LedgerChoice } from './plan-network';
import { nodeProcess, prepareNode } from './prepare-node';
import { registerNetwork } from './register-network';
import { LEDGER_PROCESS, startEmbeddedLedger } from './start-ledger';
import { refuseFabricDirectory, stopLeftOver } from './stop-left-over';

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
  readonly isTemporary?: boolean;
  /** Where Fabric's programs are looked for: `FABRIC_BIN`, `PATH`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: DevProgress) => void;
  /** A process ended that nobody stopped. */
  readonly onLost?: (name: string, exit: ProcessExit) => void;
}

/** Nodes start this many at a time: more would only wait for the processor. */
const AT_ONCE = 3;
const READY_DEADLINE_MS = 30_000;

/** A directory whose lock is held. */
interface HeldDirectory {
  readonly layout: DevLayout;
  readonly lock: ProcessLock;
  /** By which its processes are recognised. */
  readonly root: string;
}

/**
 * A ledger and nine nodes; the nodes, and the embedded ledger, are processes of this one. It holds its directory's lock,
 * and its owner's commands reach it, from its first moment on to its last.
 */
export class DevNetwork implements ControlledNetwork {
  readonly layout: DevLayout;
  readonly network: DevNetworkFile;
  readonly #processes: Supervisor;
  readonly #options: DevNetworkOptions;
  readonly #lock: ProcessLock;
  readonly #stopping = new AbortController();
  readonly #stopRequest = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ledger: DevLedger;
  #control: Awaited<ReturnType<typeof serveControl>> | undefined;
  #ready = 0;

  private constructor(
    { layout, lock, root }: HeldDirectory,
    network: DevNetworkFile,
    options: DevNetworkOptions,
  ) {
    this.layout = layout;
    this.#lock = lock;
    this.network = network;
    this.#options = options;
    const signals = [this.#stopping.signal, this.stopRequested];
    const signal = AbortSignal.any(options.signal === undefined ? signals : [...signals, options.signal]);
    this.#signal = signal;
    this.#processes = new Supervisor({ directory: root, signal, onLost: options.onLost });
    this.#ledger = newDevLedger({
      layout,
      network,
      env: options.env ?? {},
      signal,
      blockTimeoutMs: options.blockTimeoutMs,
      isTemporary: options.isTemporary ?? false,
    });
  }

  /**
   * Starts the network of a directory and waits until all of it is ready; what the directory holds is kept. A start that
   * fails stops what it had started.
   *
   * @throws EkoError `BAD_STATE` where a network runs in this directory, or another command changes it; naming the
   *   process that did not come up
   */
  static async up(options: DevNetworkOptions): Promise<DevNetwork> {
    const layout = new DevLayout(resolve(options.directory));
    await refuseOneForBoth(layout, options.ledger);
    await refuseFabricDirectory(layout);
    const lock = await takeNetworkLock(layout.directory, {
      signal: options.signal,
      whileHeld: () => refuseSecond(layout),
    });
    let started: DevNetwork;
    try {
      // Somebody may have removed its lock.
      await refuseSecond(layout);
      await stopLeftOver(layout);
      const planned = await planNetwork(layout, options.ledger);
      started = new DevNetwork(
        { layout, lock, root: await realDirectory(layout.directory) },
        planned,
        options,
      );
    } catch (error) {
      await lock.release();
      throw error;
    }
    try {
      started.#control = await serveControl(layout, started);
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
    return this.#processes.pidOf(name);
  }

  /** Aborts when a command of its owner asks for the end. */
  get stopRequested(): AbortSignal {
    return this.#stopRequest.signal;
  }

  stop(): void {
    this.#stopRequest.abort();
  }

  processes(): ControlAnswer['processes'] {
    return this.names.map((name) => {
      const pid = this.pidOf(name);
      return pid === undefined ? { name } : { name, pid };
    });
  }

  /** Ends a process with SIGKILL, as a crash would, and waits until it is gone. */
  async kill(name: string): Promise<void> {
    if (!(await this.#processes.kill(name))) throw this.#unknown(name);
  }

  /**
   * Starts one process again, whether it runs or not, and waits until it is ready.
   *
   * @throws EkoError `NOT_FOUND` for a name that the network does not have, `BAD_STATE` while it comes up
   */
  async restart(name: string): Promise<void> {
    if (this.#ready < this.names.length)
      throw new EkoError('BAD_STATE', 'The network is coming up still: wait until all of it is ready');
    const node = this.network.nodes.find(({ nodeId }) => nodeId === name);
    if (node === undefined && name !== LEDGER_PROCESS) throw this.#unknown(name);
    await this.#processes.stop([name]);
    if (node === undefined) await this.#ledger.up(this.#processes);
    else await this.#startNode(node);
  }

  /** Stops everything: the parties first, the ledger last. */
  async down(): Promise<void> {
    this.#stopping.abort();
    try {
      for (const role of ['party', 'orchestrator', 'witness'] as const) {
        const names = this.network.nodes.filter((node) => node.role === role).map(({ nodeId }) => nodeId);
        await this.#processes.stop(names);
      }
      await this.#processes.stop([LEDGER_PROCESS]);
      await this.#ledger.down();
    } finally {
      await this.#control?.close();
      await this.#lock.release();
    }
  }

  async #startAll(): Promise<void> {
    const { layout, network } = this;
    const signal = this.#signal;
    this.#report(LEDGER_PROCESS, 'starting');
    await Promise.all([
      this.#ledger.up(this.#processes),
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

  async #startNode(node: DevNode): Promise<void> {
    const plan = nodeProcess(this.layout, node);
    await this.#processes.ready(this.#processes.start(plan), plan, READY_DEADLINE_MS);
  }

  #markReady(name: string): void {
    this.#ready += 1;
    this.#report(name, 'ready');
  }

  #report(name: string, step: DevProgress['step']): void {
    this.#options.onProgress?.({ name, step, ready: this.#ready, total: this.names.length });
  }

  #unknown(name: string): EkoError {
    return new EkoError('NOT_FOUND', `No process ${name}; there are ${this.names.join(', ')}`, {
      details: { name },
    });
  }
}

async function refuseOneForBoth({ directory }: DevLayout, ledger: LedgerChoice | undefined): Promise<void> {
  if (ledger?.kind !== 'fabric') return;
  if ((await realDirectory(ledger.directory)) !== (await realDirectory(directory))) return;
  throw new EkoError(
    'INVALID_ARGUMENT',
    'The network and the Fabric network that it is to run on need a directory each',
    {
      details: { directory, next: 'name another one for either: --directory, --fabric-directory' },
    },
  );
}

async function refuseSecond(layout: DevLayout): Promise<void> {
  if ((await askStatus(layout)) === undefined) return;
  throw new EkoError('BAD_STATE', `A network is running in ${layout.directory}`, {
    details: {
      directory: layout.directory,
      next: 'stop it first: eko dev down; or start another beside it: --directory',
    },
  });
}

/** The ledger that the network was planned with. */
function newDevLedger(options: DevLedgerOptions): DevLedger {
  const { layout, network, blockTimeoutMs } = options;
  if (network.fabric !== undefined) return new FabricDevLedger(options, network.fabric.directory);
  return {
    up: (supervisor) => startEmbeddedLedger(supervisor, layout, network, blockTimeoutMs),
    down: async () => undefined,
  };
}
