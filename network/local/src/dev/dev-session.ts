import { EkoError } from '@eko/protocol';
import { formatMs, type Terminal } from '@eko/command';
import { isGone } from './control-client';
import { serveControl } from './control-server';
import { DevLayout } from './dev-layout';
import { DevNetwork } from './dev-network';
import type { LedgerChoice } from './plan-network';

/**
 * Brings a network up, leaves it running until the terminal's signal aborts or its owner asks for its end, and takes it
 * down.
 *
 * @param whileUp - called once all is ready; what it waits for ends the session too
 * @throws EkoError `BAD_STATE` if a network runs on this directory already; as `DevNetwork.up`
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
  await refuseSecond(new DevLayout(directory));
  const stop = new AbortController();
  const stopped = AbortSignal.any([terminal.signal, stop.signal]);
  const startedMs = performance.now();
  const network = await DevNetwork.up({
    directory,
    ledger,
    env: terminal.env,
    signal: stopped,
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
  const control = await serveControl(network.layout, {
    processes: () =>
      network.names.map((name) => {
        const pid = network.pidOf(name);
        return pid === undefined ? { name } : { name, pid };
      }),
    restart: (name) => network.restart(name),
    stop: () => stop.abort(),
  });
  try {
    await whileUp(network, stopped);
  } finally {
    terminal.progress.clear();
    await network.down();
    await control.close();
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

async function refuseSecond(layout: DevLayout): Promise<void> {
  if (await isGone(layout)) return;
  throw new EkoError('BAD_STATE', `A network is running in ${layout.directory}`, {
    details: {
      directory: layout.directory,
      next: 'stop it first: eko dev down; or start another beside it: --directory',
    },
  });
}
