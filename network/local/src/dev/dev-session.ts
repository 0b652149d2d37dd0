import { formatMs, type Terminal } from '@eko/command';
import { DevNetwork } from './dev-network';
import type { LedgerChoice } from './plan-network';

/**
 * Brings a network up, leaves it running until the terminal's signal aborts or its owner asks for its end, and takes it
 * down.
 *
 * @param whileUp - called once all is ready; what it waits for ends the session too
 * @throws EkoError as `DevNetwork.up`
 */
export async function runDevSession(
  options: {
    readonly directory: string;
    readonly ledger?: LedgerChoice | undefined;
    readonly terminal: Terminal;
  },
  whileUp: (network: DevNetwork, stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  const { directory, ledger, terminal } = options;
  const startedMs = performance.now();
  const network = await DevNetwork.up({
    directory,
    ledger,
    env: terminal.env,
    signal: terminal.signal,
    onProgress: ({ name, step, ready, total }) => {
      terminal.progress.show({ label: 'starting', done: ready, total, detail: `${name} ${step}` });
      if (step !== 'ready') return;
      terminal.note(
        `  ${formatMs(performance.now() - startedMs).padStart(8)}  ${name} is ready (${ready}/${total})`,
      );
    },
    onLost: (name, { code, signal }) => {
      const how = signal ?? `exit status ${String(code)}`;
      const next = `eko dev restart ${name} --directory ${directory}`;
      terminal.note(`${name} ended by ${how}; start it again with: ${next}`);
    },
  });
  try {
    await whileUp(network, AbortSignal.any([terminal.signal, network.stopRequested]));
  } finally {
    terminal.progress.clear();
    await network.down();
  }
}

/** Settles when the signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // A signal alone keeps no process alive, but the children do.
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
