import type { CommandInput, CommandOption, Terminal } from '@eko/command';
import type { NetworkOptions } from '../fabric/fabric-network';
import type { FabricChoices } from '../fabric/plan/fabric-plan';

/** Where a native Fabric network keeps its state, for all `fabric` commands. */
export const FABRIC_DIRECTORY_OPTION: CommandOption = {
  flags: '--directory <path>',
  summary: 'where the network keeps its state',
  defaultValue: '.eko/fabric',
};

/** What a network can be, for `fabric up`. */
export const FABRIC_CHOICE_OPTIONS: readonly CommandOption[] = [
  { flags: '--base-port <port>', summary: 'first of its ports; 17050 where it is not given' },
  { flags: '--consensus <kind>', summary: 'raft (3 orderers) or bft (4, Fabric 3 only)' },
  { flags: '--organisations <count>', summary: 'peer organisations: 2 or 3' },
  { flags: '--peers <count>', summary: 'peers of each organisation: 1 or 2' },
  { flags: '--channel <name>', summary: 'a channel; may be given more than once', isList: true },
  { flags: '--block-timeout-ms <ms>', summary: 'how long a block waits for more transactions; 50' },
  { flags: '--max-message-count <count>', summary: 'how many transactions close a block; 500' },
  {
    flags: '--endorsement-policy <policy>',
    summary: 'who endorses, in Fabric’s words; a majority of organisations where it is not given',
  },
];

/**
 * What a person chose; what was not given is left out.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function fabricChoicesOf(input: CommandInput): FabricChoices {
  const channels = input.list('channel');
  return given({
    basePort: input.integer('base-port'),
    consensus: input.oneOf('consensus', ['raft', 'bft'] as const),
    organisations: input.integer('organisations'),
    peersPerOrganisation: input.integer('peers'),
    channels: channels.length === 0 ? undefined : [...channels],
    blockTimeoutMs: input.integer('block-timeout-ms'),
    maxMessageCount: input.integer('max-message-count'),
    endorsementPolicy: input.text('endorsement-policy'),
  });
}

/** What was chosen, without the names of what was not. */
function given(choices: {
  readonly [Name in keyof FabricChoices]: FabricChoices[Name] | undefined;
}): FabricChoices {
  return Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined));
}

/** How a command of a terminal changes a network. */
export function networkOptionsOf(input: CommandInput, terminal: Terminal): NetworkOptions {
  return {
    directory: input.requiredText('directory'),
    env: terminal.env,
    signal: terminal.signal,
    report: (step) => terminal.note(`  ${step}`),
  };
}
