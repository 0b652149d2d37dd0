import { runCommandLine } from '@eko/command';
import { allCommands } from '../../../client-sdk/cli/src/command-table';

/** What a command line printed, and its exit status. */
export interface CommandLineResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `eko` with these words in this process. */
export async function commandLine(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandLineResult> {
  let stdout = '';
  let stderr = '';
  const status = await runCommandLine(await allCommands(), '0.0.0', args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    signal: new AbortController().signal,
  });
  return { status, stdout, stderr };
}
