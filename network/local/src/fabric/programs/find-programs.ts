import { EkoError } from '@eko/protocol';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runProgram } from '../../processes/run-program';

/** The programs of Fabric that a native network is made of. */
export const PROGRAM_NAMES = ['peer', 'orderer', 'cryptogen', 'configtxgen', 'osnadmin'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Found programs and their common version. */
export interface FabricPrograms {
  /** Absolute path of each. */
  readonly paths: Readonly<Record<ProgramName, string>>;
  /** As `3.1.5`. */
  readonly version: string;
  readonly line: FabricLine;
}

/** What differs between the lines of Fabric that work. */
export interface FabricLine {
  readonly major: number;
  readonly minor: number;
  /** SmartBFT ordering, which needs channel capability `V3_0`. */
  readonly hasBft: boolean;
  /** A peer refuses proposals whose time is far from its own. */
  readonly hasTimeWindowCheck: boolean;
}

/** Where Fabric says how to get its programs. */
export const INSTALL_PAGE = 'https://hyperledger-fabric.readthedocs.io/en/latest/install.html';

const VERSION_DEADLINE_MS = 10_000;

/**
 * Finds Fabric's programs in the folder that `FABRIC_BIN` names, else on `PATH`, and asks for their version.
 *
 * @throws EkoError `INVALID_CONFIG` (exit status 78) where one is missing or its version does not do
 */
export async function findPrograms(
  env: Readonly<Record<string, string | undefined>>,
): Promise<FabricPrograms> {
  const given = env['FABRIC_BIN'];
  const folders = given === undefined || given === '' ? (env['PATH'] ?? '').split(delimiter) : [given];
  const found = await Promise.all(PROGRAM_NAMES.map((name) => firstProgram(folders, name)));
  const missing = PROGRAM_NAMES.filter((_, place) => found[place] === undefined);
  if (missing.length > 0) throw missingPrograms(missing, given);
  const paths = Object.fromEntries(PROGRAM_NAMES.map((name, place) => [name, found[place]])) as Record<
    ProgramName,
    string
  >;
  const [version, ordererVersion] = await Promise.all([versionOf(paths.peer), versionOf(paths.orderer)]);
  if (version !== ordererVersion) {
    throw new EkoError(
      'INVALID_CONFIG',
      `peer is of version ${version} and orderer of ${ordererVersion}: name one folder with FABRIC_BIN`,
      { details: { peer: version, orderer: ordererVersion } },
    );
  }
  return { paths, version, line: lineOf(version) };
}

/**
 * What a version can do.
 *
 * @throws EkoError `INVALID_CONFIG` for one that EKO does not run on
 */
export function lineOf(version: string): FabricLine {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major === 3 || (major === 2 && minor >= 5))) {
    throw new EkoError(
      'INVALID_CONFIG',
      `Fabric ${version} was found; EKO runs on 2.5 and 3.x: ${INSTALL_PAGE}`,
      { details: { version } },
    );
  }
  return { major, minor, hasBft: major >= 3, hasTimeWindowCheck: major >= 3 };
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await runProgram({ program, args: ['version'], deadlineMs: VERSION_DEADLINE_MS });
  const version = /Version:\s*v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) {
    throw new EkoError('INVALID_CONFIG', `${program} does not say its version: is it a release of Fabric?`, {
      details: { program },
    });
  }
  return version;
}

async function firstProgram(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function missingPrograms(missing: readonly string[], given: string | undefined): EkoError {
  const where = given === undefined || given === '' ? 'on PATH' : `in ${given} (FABRIC_BIN)`;
  return new EkoError(
    'INVALID_CONFIG',
    `Fabric's ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not ${where}. ` +
      `${INSTALL_PAGE} says how to get them; then name their folder with FABRIC_BIN or put it on PATH`,
    { details: { missing } },
  );
}
