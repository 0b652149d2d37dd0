import { dirname, join } from 'node:path';
import { GROUP_SUMMARIES, packageVersion, type Command } from '@eko/command';
import { EkoError } from '@eko/protocol';

const PACKAGE = '@eko/local-network';

/** The commands that need a node, a ledger or Fabric on this machine, by the group that they stand in. */
export type LocalCommands = Readonly<
  Record<'dev' | 'node' | 'chaincode' | 'fabric' | 'demo', readonly Command[]>
>;

/**
 * The commands of the package that runs networks on this machine. Where it is not installed, or is and cannot be
 * loaded, or is of another version, whose commands may not be those that this one expects, others stand in their places
 * and say so when they are asked for.
 */
export async function localCommands(): Promise<LocalCommands> {
  if (!isInstalled()) {
    const text = `This command is in ${PACKAGE}, which is not installed`;
    const details = { package: PACKAGE, next: `install it beside @eko/cli: npm install ${PACKAGE}` };
    return standIns(`needs ${PACKAGE}`, new EkoError('INVALID_CONFIG', text, { details }));
  }
  try {
    const wanted = packageVersion(join(__dirname, '..'));
    const version = packageVersion(dirname(require.resolve(`${PACKAGE}/package.json`)));
    if (version !== wanted) {
      const text = `${PACKAGE} is installed in version ${version}, and this eko is ${wanted}`;
      const details = { package: PACKAGE, next: `install both alike: npm install ${PACKAGE}@${wanted}` };
      return standIns(`needs ${PACKAGE} ${wanted}`, new EkoError('INVALID_CONFIG', text, { details }));
    }
    return (await import('@eko/local-network/commands')).LOCAL_COMMANDS;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'no error was thrown';
    const text = `${PACKAGE} is installed, but cannot be loaded: ${why}`;
    const details = { package: PACKAGE, next: `install it again: npm install ${PACKAGE}` };
    return standIns(`${PACKAGE} cannot be loaded`, new EkoError('INTERNAL', text, { details, cause }));
  }
}

/** Whether the package is there at all. One that lacks a part of its own, or of what it needs, is. */
function isInstalled(): boolean {
  try {
    require.resolve(`${PACKAGE}/package.json`);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND');
  }
}

/** What takes the places of the commands that are not there. */
function standIns(note: string, failure: EkoError): LocalCommands {
  const standIn = (path: Command['path'], summary: string): readonly Command[] => [
    {
      path,
      summary: `${summary} (${note})`,
      examples: [],
      takesAnything: true,
      run: () => Promise.reject(failure),
    },
  ];
  return {
    dev: standIn(['dev'], GROUP_SUMMARIES.dev),
    node: standIn(['node', 'receipts'], "write a stopped witness's signed receipts to a file"),
    chaincode: standIn(['chaincode'], GROUP_SUMMARIES.chaincode),
    fabric: standIn(['fabric'], GROUP_SUMMARIES.fabric),
    demo: standIn(['demo'], 'show a whole network at work'),
  };
}
