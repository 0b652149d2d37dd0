import { join } from 'node:path';
import { runProgram } from '@eko/command';
import { allCommands } from './command-table';

/**
 * Runs the `eko` command in this process, with its streams, environment and signals.
 *
 * @param args - what follows `eko`
 * @returns the exit status
 */
export async function runEko(args: readonly string[], host: NodeJS.Process): Promise<number> {
  return runProgram(await allCommands(), join(__dirname, '..'), args, host);
}
