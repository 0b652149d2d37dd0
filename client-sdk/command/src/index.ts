/**
 * The frame of a command line: what a command is, how it is run and answered, and how an error ends it.
 *
 * @packageDocumentation
 */
export { CommandInput } from './command';
export type { Command, CommandOption } from './command';
export { asEkoError } from './exit-status';
export { ProcessOutput } from './process-output';
export { formatBytes, formatMs, formatRate } from './quantities';
export { runCommandLine } from './run-command-line';
export type { CommandHost } from './run-command-line';
export { stopSignal } from './stop-signal';
export { Terminal } from './terminal';
export { textTable } from './text-table';
export { NO_ROOM, codeOf, writeError } from './write-error';
