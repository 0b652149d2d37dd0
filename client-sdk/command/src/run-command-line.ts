import { ERROR_CODES, EkoError, isEkoError } from '@eko/protocol';
import { Command as Program, CommanderError } from 'commander';
import { CommandInput, type Command } from './command';
import { nextStepFor } from './next-step';
import { asEkoError } from './system-errors';
import { Terminal, type TerminalOutput } from './terminal';
import type { ProcessOutput } from './process-output';

/** Standard output; one that can fail tells so. */
export type CommandOutput = TerminalOutput &
  Partial<Pick<ProcessOutput, 'gone' | 'isReaderGone' | 'settled'>>;

/** The process as far as the command line touches it. */
export interface CommandHost {
  readonly stdout: CommandOutput;
  readonly stderr: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const HELP_COLUMNS = 100;
/** A command line that cannot be understood. */
const USAGE_EXIT = ERROR_CODES.INVALID_ARGUMENT.exit;

/** What each group of commands is about, by its name. */
export const GROUP_SUMMARIES = {
  dev: 'a whole network on this machine, for development',
  fabric: 'a Hyperledger Fabric network as processes of this machine',
  node: 'keys and registration of a node',
  chaincode: 'the chaincode, ready for peers',
  stream: 'streams of a party',
  verify: 'check what the ledger says',
} as const;

const isGroup = (name: string): name is keyof typeof GROUP_SUMMARIES => Object.hasOwn(GROUP_SUMMARIES, name);

/**
 * Runs one command line.
 *
 * @param args - what follows `eko`
 * @returns the exit status
 */
export async function runCommandLine(
  commands: readonly Command[],
  version: string,
  args: readonly string[],
  host: CommandHost,
): Promise<number> {
  const isJson = args.includes('--json');
  const { stdout } = host;
  const signal = stdout.gone === undefined ? host.signal : AbortSignal.any([host.signal, stdout.gone]);
  const terminal = new Terminal({ ...host, signal, isJson, isQuiet: args.includes('--quiet') });
  const program = newProgram(commands, version, terminal, host);
  const failure = await failureOf(() => program.parseAsync(args, { from: 'user' }));
  // What nobody could read was not done, whatever else was; and it is then no wish of the user's that stopped the rest.
  const unwritten = await failureOf(async () => stdout.settled?.());
  const isStopped = failure === undefined || isEkoError(failure, 'CANCELLED');
  if (unwritten !== undefined && (isStopped || failure instanceof CommanderError))
    return exitOf(unwritten, terminal);
  if (stdout.isReaderGone === true && isStopped && !host.signal.aborted) return 0;
  if (failure === undefined) return 0;
  return exitOf(host.signal.aborted ? stopped(failure) : failure, terminal);
}

/** What failed because it was stopped was stopped; it may look like a peer that hung up. */
function stopped(failure: CommanderError | EkoError): CommanderError | EkoError {
  const isOfStop =
    failure instanceof EkoError && (failure.blame === 'unavailable' || failure.code === 'INTERNAL');
  return isOfStop && !isEkoError(failure, 'CANCELLED', 'STORE_FULL', 'COMMIT_UNKNOWN')
    ? new EkoError('CANCELLED', 'Stopped by a signal', { cause: failure })
    : failure;
}

/** What a run failed with, as one of ours or the command line's. */
async function failureOf(run: () => Promise<unknown>): Promise<CommanderError | EkoError | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof CommanderError ? error : asEkoError(error);
  }
}

/** Prints a failure; answers the exit status. */
function exitOf(failure: CommanderError | EkoError, terminal: Terminal): number {
  if (failure instanceof CommanderError) return usageExit(failure, terminal);
  printFailure(failure, terminal);
  return ERROR_CODES[failure.code].exit;
}

function newProgram(
  commands: readonly Command[],
  version: string,
  terminal: Terminal,
  { stdout, stderr }: CommandHost,
): Program {
  const program = new Program('eko')
    .description('Keys on demand for data streams, from a distributed trust network.')
    .version(version)
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => HELP_COLUMNS,
      getErrHelpWidth: () => HELP_COLUMNS,
      writeOut: (text) => stdout.write(text),
      // A usage error is printed once, in the form that was asked for.
      writeErr: (text) => (text.startsWith('error:') ? undefined : stderr.write(text)),
    });
  const groups = new Map<string, Program>();
  for (const command of commands) {
    const [first, second] = command.path;
    let parent = program;
    if (second !== undefined) {
      parent =
        groups.get(first) ?? program.command(first).description(isGroup(first) ? GROUP_SUMMARIES[first] : '');
      groups.set(first, parent);
    }
    addCommand(parent, second ?? first, command, terminal);
  }
  return program;
}

function addCommand(parent: Program, name: string, command: Command, terminal: Terminal): void {
  const description = [command.summary, ...(command.about ?? [])].join('\n\n');
  const added = parent.command(name).summary(command.summary).description(description);
  for (const { form, summary } of command.operands ?? []) added.argument(form, summary);
  for (const { flags, summary, defaultValue, isList, isRequired } of command.options ?? []) {
    const text = isRequired === true ? `${summary} (required)` : summary;
    if (isList === true) added.option(flags, text, collect);
    else added.option(flags, text, defaultValue);
  }
  if (command.takesAnything === true) added.allowExcessArguments().allowUnknownOption();
  added.option('--json', 'print the result as one line of JSON');
  added.option('--quiet', 'print nothing but the result');
  const examples = command.examples.map((example) => `  $ ${typed(example)}`).join('\n');
  if (examples !== '') added.addHelpText('after', `\nExamples:\n${examples}`);
  added.action(async (...given: readonly unknown[]) => {
    const operands = given
      .slice(0, command.operands?.length ?? 0)
      .map((value) => (typeof value === 'string' ? value : undefined));
    const options = new Map<string, unknown>();
    for (const option of added.options) {
      const value: unknown = added.getOptionValue(option.attributeName());
      if (option.long !== undefined) options.set(option.long.slice(2), value);
    }
    await command.run(new CommandInput(operands, options), terminal);
  });
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** An example as it is typed; where another program feeds eko, that one comes first. */
const typed = (example: string): string => (example.includes('| eko ') ? example : `eko ${example}`);

function usageExit(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode === 0) return 0;
  // `eko` or `eko dev` alone: commander has printed the help.
  if (error.code === 'commander.help') return USAGE_EXIT;
  // A value after an unknown option may be a secret that was meant for a file.
  const message = error.message.replace(/^error: /, '').replace(/'(--?[\w-]+)=[^]*'/, "'$1'");
  printFailure(new EkoError('INVALID_ARGUMENT', message), terminal);
  return USAGE_EXIT;
}

function printFailure(failure: EkoError, terminal: Terminal): void {
  const next = nextStepFor(failure);
  terminal.failure({ error: { ...failure.toJSON(), next } }, [
    `eko: ${failure.code}: ${failure.message}`,
    `  next: ${next}`,
  ]);
}
