import { join } from 'node:path';
import { runProgram } from '@eko/command';
import { COMMANDS } from './command-table';

/**
 * Runs the `eko` command in this process, with its streams, environment and signals.
 *
 * @param args - what follows `eko`
 * @returns the exit status
 */
export function runEko(args: readonly string[], host: NodeJS.Process): Promise<number> {
  return runProgram(COMMANDS, join(__dirname, '..'), args, host);
}
