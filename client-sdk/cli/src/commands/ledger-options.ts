import type { CommandInput, CommandOption } from '../command';
import type { Terminal } from '../terminal/terminal';
import type { FabricProfile } from '@eko/sdk';

/** How a command that talks to the ledger is told which one, and as whom. */
export const PROFILE_OPTION: CommandOption = {
  flags: '--profile <file>',
  summary:
    'Fabric profile (JSON); without it, the variables of the Fabric samples (PEER_ENDPOINT, CRYPTO_PATH, ...)',
};

/**
 * The profile that a command was given: by flag, by EKO_PROFILE, or by the variables of the Fabric samples.
 *
 * @throws EkoError `INVALID_CONFIG`
 */
export async function profileOf(input: CommandInput, { env }: Terminal): Promise<FabricProfile> {
  const { profileFromEnvironment, readFabricProfile } = await import('@eko/sdk');
  const file = input.text('profile') ?? env['EKO_PROFILE'];
  return file === undefined ? profileFromEnvironment(env) : readFabricProfile(file);
}
