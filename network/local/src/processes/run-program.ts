import { EkoError } from '@eko/protocol';
import { spawn } from 'node:child_process';

/** One call of a program that ends by itself. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the process table shows instead of the program's path. */
  readonly shownAs?: string;
}

/** What a program printed. */
export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_CHARACTERS = 400;
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Programs get nothing of the environment but this: no secret and no Node option finds its way in. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_COMPILE_CACHE'];

/** The parts of our own environment that every program gets. */
export function inheritedEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Runs a program to its end.
 *
 * @throws EkoError `INTERNAL` with its last words, `TOO_LARGE` for more output than is kept, `DEADLINE_EXCEEDED`,
 *   `CANCELLED`
 */
export async function runProgram(call: ProgramCall): Promise<ProgramOutput> {
  const { program, args, env = {}, deadlineMs, signal, shownAs = program } = call;
  const what = `${program.split('/').at(-1) ?? program} ${args.slice(0, 3).join(' ')}`;
  if (signal?.aborted === true) throw new EkoError('CANCELLED', `${what} was not run`);
  const deadline = AbortSignal.timeout(deadlineMs);
  const child = spawn(program, args, {
    argv0: shownAs,
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  return new Promise((resolve, reject) => {
    const details = (): { program: string; words: string } => ({
      program,
      words: lastMessage(stderr.text()) ?? lastMessage(stdout.text()) ?? 'it said nothing',
    });
    child.once('error', (cause) => {
      if (signal?.aborted === true) {
        reject(new EkoError('CANCELLED', `${what} was stopped`));
      } else if (deadline.aborted) {
        const words = `${what} did not end within ${deadlineMs} ms`;
        reject(new EkoError('DEADLINE_EXCEEDED', words, { details: details() }));
      } else {
        reject(new EkoError('INTERNAL', `${what} cannot be started`, { details: { program }, cause }));
      }
    });
    child.once('close', (status, killedBy) => {
      if (status === 0 && stdout.isCut()) {
        const words = `${what} printed more than ${MOST_OUTPUT} characters, which are not all here`;
        reject(new EkoError('TOO_LARGE', words, { details: { program } }));
        return;
      }
      if (status === 0) {
        resolve({ stdout: stdout.text(), stderr: stderr.text() });
        return;
      }
      const how = killedBy ?? `exit status ${String(status)}`;
      const words = `${what} failed (${how}): ${details().words}`;
      reject(new EkoError('INTERNAL', words, { details: details() }));
    });
  });
}

/** Gathers text up to the limit, which whoever reads it as the whole has to ask for. */
function collect(stream: NodeJS.ReadableStream): { text(): string; isCut(): boolean } {
  let text = '';
  let isCut = false;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length + chunk.length <= MOST_OUTPUT) text += chunk;
    else isCut = true;
  });
  return { text: () => text, isCut: () => isCut };
}

/** What a program of Fabric said last, preferring what it calls an error; `undefined` where it said nothing. */
export function lastMessage(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- colours of a terminal
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  const lines = plain.split('\n').map((line) => line.trim());
  const error = lines.findLast((line) => line.startsWith('Error:'));
  return (error ?? lines.findLast((line) => line !== ''))?.slice(0, MOST_CHARACTERS);
}
