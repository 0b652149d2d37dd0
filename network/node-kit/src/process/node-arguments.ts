import { EkoError } from '@eko/protocol';

/** What a node's command line says: a configuration file, and settings by flag. */
export interface NodeArguments {
  readonly file: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
}

const FLAG = /^--([a-z][a-z-]*)=(.*)$/s;

/**
 * Reads `--config FILE` (or `--config=FILE`) and `--setting-name=value`. Secrets are not taken here: they lie in files.
 *
 * @throws EkoError `INVALID_CONFIG` for anything else
 */
export function parseNodeArguments(argv: readonly string[]): NodeArguments {
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
