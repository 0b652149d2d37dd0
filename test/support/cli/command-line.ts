import { COMMANDS } from '@eko/cli';
import { runCommandLine } from '@eko/command';

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
  const status = await runCommandLine(COMMANDS, '0.0.0', args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    signal: new AbortController().signal,
  });
  return { status, stdout, stderr };
}
