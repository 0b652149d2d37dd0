import { EkoError } from '@eko/protocol';
import type { Static, TObject } from '@eko/protocol/encoding';
import { systemRandom } from '@eko/protocol/node';
import { systemClocks } from '../process/clocks';
import { loadConfiguration } from '../process/configuration';
import { runNode, type NodeProcess, type RunningNode } from '../process/run-node';
import type { NodeHost } from './start-node';

/**
 * A node's `main`: settings from the command line, the file that it names and `EKO_` variables, then the life of
 * `runNode`. Here, and nowhere below, a node gets its clocks and its randomness.
 *
 * @param stop - of `heedStopSignals`, called before anything else was loaded
 */
export function runConfiguredNode<Schema extends TObject>(
  host: NodeProcess,
  stop: AbortSignal,
  schema: Schema,
  start: (settings: Static<Schema>, host: NodeHost) => Promise<RunningNode>,
): Promise<void> {
  const run = async (signal: AbortSignal): Promise<RunningNode> => {
    const { file, flags } = parseNodeArguments(host.argv.slice(2));
    const environment = host.env;
    const { settings } = await loadConfiguration({
      schema,
      file,
      flags,
      environment,
      environmentPrefix: 'EKO_',
    });
    return start(settings, { signal, clocks: systemClocks, random: systemRandom });
  };
  return runNode(host, run, stop);
}

/** What a node's command line says: a configuration file, and settings by flag. */
interface NodeArguments {
  readonly file: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
}

const FLAG = /^--([a-z][a-z-]*)=(.*)$/s;

/**
 * Reads `--config FILE` (or `--config=FILE`) and `--setting-name=value`. Secrets are not taken here: they lie in files.
 *
 * @throws EkoError `INVALID_CONFIG` for anything else
 */
function parseNodeArguments(argv: readonly string[]): NodeArguments {
  let file: string | undefined;
  const flags: Record<string, string> = {};
  for (let place = 0; place < argv.length; place += 1) {
    const argument = argv[place] ?? '';
    if (argument === '--config') {
      place += 1;
      file = argv[place];
      if (file === undefined) throw unusable('--config needs the name of a file');
      continue;
    }
    const match = FLAG.exec(argument);
    const name = match?.[1];
    const value = match?.[2];
    if (name === undefined || value === undefined) {
      throw unusable('a node takes --config FILE and --setting-name=value');
    }
    if (name === 'config') file = value;
    else flags[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return { file, flags };
}

function unusable(hint: string): EkoError {
  return new EkoError('INVALID_CONFIG', `The command line does not fit: ${hint}`, {
    details: { setting: 'argv' },
  });
}
