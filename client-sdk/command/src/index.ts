/**
 * The frame of a command line: what a command is, how it is run and answered, and how an error ends it.
 *
 * @packageDocumentation
 */
export { CommandInput } from './command';
export type { Command, CommandOption } from './command';
export { formatBytes, formatMs, formatRate } from './quantities';
export { GROUP_SUMMARIES, runCommandLine } from './run-command-line';
export { packageVersion, runProgram } from './run-program';
export type { CommandHost } from './run-command-line';
export { Terminal } from './terminal';
export { transferProgress } from './transfer-progress';
export { textTable } from './text-table';
export { asEkoError, refuse } from './system-errors';
export {
  DIRECTORY_OPTION,
  networkAccessFile,
  networkParty,
  networkPlanFile,
  noNetwork,
  readerProfileFile,
  writeNetworkAccess,
} from './network-access';
export type { NetworkAccess } from './network-access';

// Files and standard streams as ends of what a command moves
export { openSource } from './files/open-source';
export { openTarget } from './files/open-target';
export type { ByteTarget } from './files/device';
export { isCertificatePem, readPemFile } from './files/pem-file';
export { ProcessLock } from './files/process-lock';
