import { EkoError, LIMITS } from '@eko/protocol';
import { DIRECTORY_OPTION, type CommandInput, type CommandOption, type Terminal } from '@eko/command';
import type { PartyAccess } from '@eko/sdk/rest';

/** Through which party a command works; `nodeId` is whom it takes in the development network by default. */
export const partyOptions = (nodeId: string): readonly CommandOption[] => [
  { flags: '--party <url>', summary: "the party's REST API; also EKO_PARTY" },
  { flags: '--token-file <file>', summary: 'the file with its token; also EKO_TOKEN_FILE' },
  { flags: '--as <nodeId>', summary: 'or: a party of the development network', defaultValue: nodeId },
  DIRECTORY_OPTION,
];

/**
 * The party that a command was given: by flags, by the environment, or in the development network.
 *
 * @throws EkoError as `findParty`
 */
export async function partyOf(input: CommandInput, { env }: Terminal): Promise<PartyAccess> {
  const { findParty } = await import('../party/party-access.js');
  return findParty({
    address: input.text('party') ?? env['EKO_PARTY'],
    tokenFile: input.text('token-file') ?? env['EKO_TOKEN_FILE'],
    directory: input.requiredText('directory'),
    nodeId: input.requiredText('as'),
  });
}

/** How long `send` and `receive` wait for the other side. */
export const TIMEOUT_OPTION: CommandOption = {
  flags: '--timeout <seconds>',
  summary: 'how long to wait until the stream is active and the other side is there',
  defaultValue: '120',
};

/**
 * The value of `TIMEOUT_OPTION`.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function timeoutOf(input: CommandInput): number {
  const seconds = input.integer('timeout') ?? 0;
  if (seconds <= LIMITS.transferWaitSeconds) return seconds;
  throw new EkoError('INVALID_ARGUMENT', `--timeout takes at most ${LIMITS.transferWaitSeconds} seconds`, {
    details: { option: 'timeout' },
  });
}
