import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openLevelStore } from '@eko/node-kit';
import type { LiveMember } from '../support/in-process/live-member';

/** How a process ended: its exit status, or the signal that killed it. */
export type ProcessEnd = readonly [status: number | null, signal: NodeJS.Signals | null];

/** How a node's program is started. */
export interface NodeProcessOptions {
  /** Where it finds the ledger, instead of where its profile says. */
  readonly ledgerAddress?: string;
  /** A file that is loaded before it. */
  readonly preload?: string;
  /** Makes it the first process of a namespace of its own. */
  readonly isFirst?: boolean;
}

/** A node of a live network as the built program that it is in earnest. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<ProcessEnd>;
  readonly #isFirst: boolean;
  /** What it has written, on standard output and standard error. */
  output = '';

  private constructor(child: ChildProcess, isFirst: boolean) {
    this.#child = child;
    this.#isFirst = isFirst;
    this.#ended = once(child, 'close') as unknown as Promise<ProcessEnd>;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => (this.output += bytes.toString()));
  }

  static async spawn(member: LiveMember, options: NodeProcessOptions = {}): Promise<NodeProcess> {
    const { ledgerAddress, preload, isFirst = false } = options;
    const { nodeId, role, keysDirectory, ledgerProfile, dataDirectory, port } = member;
    const folder = dirname(dataDirectory);
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const profile = JSON.parse(await readFile(ledgerProfile, 'utf8')) as object;
    const endpoint = ledgerAddress === undefined ? {} : { endpoint: ledgerAddress };
    const settings = {
      nodeId,
      keysDirectory,
      dataDirectory,
      ledgerProfile: await file('reached.json', JSON.stringify({ ...profile, ...endpoint })),
      allowAddresses: ['127.0.0.0/8'],
      port,
      ...(role === 'party'
        ? { tokenFile: await file('api.token', randomBytes(32).toString('base64url')) }
        : {}),
    };
    const program = [
      ...(isFirst ? ['unshare', '--pid', '--fork', '--kill-child'] : []),
      process.execPath,
      ...(preload === undefined ? [] : ['--require', preload]),
      join(__dirname, `../../network/${role}/dist/main.js`),
      ...['--config', await file('settings.json', JSON.stringify(settings))],
    ];
    const [command = '', ...args] = program;
    return new NodeProcess(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }), isFirst);
  }

  /** Resolves once it has written a text; rejects if it ends before that. */
  async untilSaid(text: string): Promise<void> {
    const gone = this.#ended.then(([status]) => {
      throw new Error(`it ended with ${String(status)}: ${this.output}`);
    });
    gone.catch(() => undefined);
    while (!this.output.includes(text)) {
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child.stderr!, 'data'), gone]);
    }
  }

  /** Sends it a signal; resolves with how it ended. */
  signal(name: NodeJS.Signals): Promise<ProcessEnd> {
    process.kill(this.#isFirst ? childOf(this.#child.pid) : (this.#child.pid ?? 0), name);
    return this.#ended;
  }

  /** How it ends. */
  get ended(): Promise<ProcessEnd> {
    return this.#ended;
  }
}

/** Sees that a store can be opened again: nobody holds its lock. */
export async function reopenStore({ dataDirectory }: LiveMember): Promise<void> {
  const store = await openLevelStore(join(dataDirectory, 'store'));
  await store.close();
}

function childOf(pid = 0): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
