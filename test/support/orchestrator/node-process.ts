import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningNode } from '@eko/node-kit';

/** A node that runs in this process, or in one of its own that can be killed. */
export interface StartedNode extends Pick<RunningNode, 'ready' | 'stop'> {
  /** SIGKILL; resolves when the process is gone. */
  readonly kill?: () => Promise<void>;
}

const MAIN = join(__dirname, '../../../network/orchestrator/dist/main.js');

/** Starts a built orchestrator and waits for its ready line. */
export async function startNodeProcess(configurationFile: string): Promise<StartedNode> {
  const child = spawn(process.execPath, [MAIN, '--config', configurationFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]: unknown[]) => String(line)),
    exited.then(() => {
      throw new Error(`the node ended before it was ready: ${configurationFile}`);
    }),
  ]);
  const ready = JSON.parse(first) as RunningNode['ready'];
  return { ready, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}
