import { setMaxListeners } from 'node:events';
import { EkoError } from '@eko/protocol';
import { type RandomSource } from '@eko/protocol/crypto';
import type { Clocks } from '../process/clocks';
import type { RunningNode } from '../process/run-node';

/** What a node has from its process. */
export interface NodeHost {
  /** Aborts when the node is to stop, whether it has started or not. */
  readonly signal: AbortSignal;
  readonly clocks: Clocks;
  readonly random: RandomSource;
}

/** A node that starts. */
export interface StartingNode extends NodeHost {
  /** Aborts when the node is to stop and when its start fails: no wait of a start outlives it. */
  readonly signal: AbortSignal;
  /** Takes what closes something that was just opened; called in the opposite order, however the node ends. */
  readonly onStop: (close: () => unknown) => void;
}

/**
 * Starts a node: whatever `open` opens is closed again in the opposite order, when the node stops or when its start
 * fails half way. Every one of them is closed, also where another cannot be; the first error is the one that is thrown.
 *
 * @throws EkoError `CANCELLED` once everything is closed again, where the node was told to stop before it had started;
 *   as `open`
 */
export async function startNode(
  host: NodeHost,
  open: (node: StartingNode) => Promise<Omit<RunningNode, 'stop'>>,
): Promise<RunningNode> {
  const closers: (() => unknown)[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  // Whatever the node waits for listens to it.
  setMaxListeners(0, signal);
  const abort = (): void => {
    stopping.abort(toldToStop());
  };
  const unwind = async (): Promise<void> => {
    abort();
    host.signal.removeEventListener('abort', abort);
    const failures: unknown[] = [];
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  host.signal.addEventListener('abort', abort, { once: true });
  if (host.signal.aborted) abort();
  try {
    signal.throwIfAborted();
    const opened = await open({ ...host, signal, onStop: (close) => closers.push(close) });
    signal.throwIfAborted();
    let stopped: Promise<void> | undefined;
    return { ...opened, stop: () => (stopped ??= unwind()) };
  } catch (error) {
    // What started the unwinding is what matters.
    await unwind().catch(() => undefined);
    throw error;
  }
}

function toldToStop(): EkoError {
  return new EkoError('CANCELLED', 'The node is told to stop');
}
