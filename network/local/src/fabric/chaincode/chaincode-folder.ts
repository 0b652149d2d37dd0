import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A built chaincode for Node as it lies in a folder. */
export interface ChaincodeFolder {
  readonly folder: string;
  /** The version that its package.json names. */
  readonly version: string;
}

/**
 * Finds the chaincode that came with this command, or another one, ready to be packed.
 *
 * @param path - its folder; without it, that of EKO
 * @throws EkoError `NOT_FOUND` where there is no chaincode, `BAD_STATE` where it is not built
 */
export async function findChaincode(path?: string): Promise<ChaincodeFolder> {
  const folder = path ?? ownFolder();
  const manifest = await readManifest(folder);
  const isBuilt = await stat(join(folder, manifest.main)).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isBuilt) {
    throw new EkoError(
      'BAD_STATE',
      `${join(folder, manifest.main)} is missing: run \`npm run build\` in ${folder}`,
    );
  }
  return { folder, version: manifest.version };
}

const ownFolder = (): string => dirname(require.resolve('@eko/chaincode/package.json'));

async function readManifest(folder: string): Promise<{ readonly main: string; readonly version: string }> {
  const file = join(folder, 'package.json');
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isManifest(parsed)) return parsed;
  } catch (error) {
    if (isMissing(error)) throw new EkoError('NOT_FOUND', `There is no ${file}: name a chaincode's folder`);
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new EkoError('INVALID_ARGUMENT', `${file} must be JSON with a main and a version`);
}

function isManifest(value: unknown): value is { main: string; version: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'main' in value &&
    typeof value.main === 'string' &&
    'version' in value &&
    typeof value.version === 'string'
  );
}
