import { setImmediate as nextTurn } from 'node:timers/promises';
import { ERROR_CODES, EkoError, isEkoError } from '@eko/protocol';
import { heedStopSignals } from '../stop-signal';

/** A node that runs. */
export interface RunningNode {
  /** Printed on standard output as one JSON line once the node is ready. */
  readonly ready: Readonly<Record<string, string | number | boolean>>;
  /** Settles when the node fails on its own. */
  readonly failed?: Promise<never>;
  /** Finishes what is under way and gives everything back. */
  stop(): Promise<void>;
}

/** The process as far as a node's life touches it. */
export interface NodeProcess {
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  on(event: 'SIGTERM' | 'SIGINT' | 'SIGUSR1', listener: () => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): never;
  /** Sets which modes the files of this process never have. */
  umask(mask: number): unknown;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** A stop that takes longer is cut short. */
const STOP_DEADLINE_MS = 10_000;

/**
 * The life of a node's process: start, one ready line, stop on SIGTERM or SIGINT, one line and a coded exit status when
 * it cannot go on. Told to stop, it ends with status 0, also while it starts. SIGUSR1 does not open the inspector, and
 * what it writes is for its own user.
 *
 * @param start - gives everything back and rejects where the signal aborts before it is done
 * @param stop - aborts with the first SIGTERM or SIGINT, where they were heeded before this
 */
export async function runNode(
  host: NodeProcess,
  start: (signal: AbortSignal) => Promise<RunningNode>,
  stop: AbortSignal = heedStopSignals(host),
): Promise<void> {
  const fail = (error: unknown): never => {
    const known = isEkoError(error)
      ? error
      : new EkoError('INTERNAL', 'The node failed unexpectedly', { cause: error });
    host.stderr.write(
      `${JSON.stringify({ level: 'fatal', code: known.code, message: known.message, ...originOf(error) })}\n`,
    );
    return host.exit(ERROR_CODES[known.code].exit);
  };
  // Also for what libraries write: nobody but the node's own user reads any of it.
  host.umask(0o077);
  host.on('SIGUSR1', () => undefined);
  host.on('uncaughtException', fail);
  host.on('unhandledRejection', fail);
  onceAborted(stop, () => {
    setTimeout(() => host.exit(ERROR_CODES.DEADLINE_EXCEEDED.exit), STOP_DEADLINE_MS).unref();
  });
  try {
    checkStartConditions(host.env['NODE_OPTIONS'], host.execArgv);
    // A signal that came while the program was loaded is told in the next turn of the loop, which the second of these ends.
    await nextTurn();
    await nextTurn();
    stop.throwIfAborted();
    const node = await start(stop);
    onceAborted(stop, () => {
      node.stop().then(() => host.exit(0), fail);
    });
    void node.failed?.catch(fail);
    if (!stop.aborted) host.stdout.write(`${JSON.stringify({ ready: true, ...node.ready })}\n`);
  } catch (error) {
    // Nobody waits for a node any more that was told to stop; what kept it from starting keeps the next start too.
    if (stop.aborted) host.exit(0);
    else fail(error);
  }
}

function onceAborted(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
}

/** Where a foreign error came from: its class and the first place in the stack, never its text, which may hold anything. */
function originOf(error: unknown): { error?: string; at?: string } {
  if (isEkoError(error) || !(error instanceof Error)) return {};
  const place = error.stack
    ?.split('\n')
    .find((line) => line.trimStart().startsWith('at '))
    ?.trim();
  return { error: error.name, ...(place === undefined ? {} : { at: place }) };
}

/** Options of Node that let somebody read memory or keys out of a running process. */
const REVEALING =
  /^--(inspect|inspect-brk|inspect-port|inspect-publish-uid|inspect-wait|debug-port|tls-keylog|heapsnapshot-signal|heapsnapshot-near-heap-limit|heap-prof|cpu-prof|report-[a-z-]+|trace-tls|diagnostic-dir)(=|$)/;

/**
 * Refuses to start a process that holds keys where it could be read from outside.
 *
 * @param nodeOptions - the value of NODE_OPTIONS
 * @throws EkoError `INVALID_CONFIG` naming the option
 */
function checkStartConditions(nodeOptions: string | undefined, execArgv: readonly string[]): void {
  const options = [...(nodeOptions ?? '').split(/\s+/), ...execArgv];
  const revealing = options.find((option) => REVEALING.test(option.replaceAll('_', '-')));
  if (revealing === undefined) return;
  const name = revealing.replace(/=.*$/, '');
  throw new EkoError(
    'INVALID_CONFIG',
    `This process holds keys and does not start with ${name}; remove it from NODE_OPTIONS`,
    {
      details: { setting: name },
    },
  );
}
