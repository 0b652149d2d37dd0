import {
  DIRECTORY_OPTION,
  readerProfileFile,
  type CommandInput,
  type CommandOption,
  type Terminal,
} from '@eko/command';
import type { FabricProfile } from '@eko/sdk';
import type { FabricProfileFiles } from '@eko/sdk/node';

/** How a command that talks to the ledger is told which one, and as whom. */
export const LEDGER_OPTIONS: readonly CommandOption[] = [
  {
    flags: '--profile <file>',
    summary: 'Fabric profile (JSON); also EKO_PROFILE or the variables of the Fabric samples',
  },
  DIRECTORY_OPTION,
];

/**
 * The profile that a command was given: by flag, by EKO_PROFILE, by the variables of the Fabric samples, or the
 * reader's of the development network.
 *
 * @throws EkoError `INVALID_CONFIG`
 */
export async function profileOf(input: CommandInput, terminal: Terminal): Promise<FabricProfile> {
  const { loadFabricProfile } = await import('@eko/sdk/node');
  return loadFabricProfile(await profileFilesOf(input, terminal));
}

/**
 * The same profile by its files, unopened.
 *
 * @throws EkoError `INVALID_CONFIG`
 */
export async function profileFilesOf(input: CommandInput, { env }: Terminal): Promise<FabricProfileFiles> {
  const { profileFilesFromEnvironment, readFabricProfileFiles } = await import('@eko/sdk/node');
  const file = input.text('profile') ?? env['EKO_PROFILE'];
  if (file !== undefined) return readFabricProfileFiles(file);
  if (env['CRYPTO_PATH'] !== undefined || env['PEER_ENDPOINT'] !== undefined)
    return profileFilesFromEnvironment(env);
  return readFabricProfileFiles(readerProfileFile(input.requiredText('directory')));
}
