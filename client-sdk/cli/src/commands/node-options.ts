import type { NodeRole } from '@eko/protocol';
import type { CommandInput, CommandOption } from '../command';

const ROLES = ['orchestrator', 'witness', 'party'] as const satisfies readonly NodeRole[];

/** Which node a command is about. */
export const NODE_OPTIONS: readonly CommandOption[] = [
  { flags: '--role <role>', summary: 'orchestrator, witness or party' },
  { flags: '--keys <path>', summary: 'the folder of its keys' },
];

/**
 * Reads them.
 *
 * @throws EkoError `INVALID_ARGUMENT` naming the option
 */
export function nodeOf(input: CommandInput): { nodeId: string; role: NodeRole; keysDirectory: string } {
  return {
    nodeId: input.requiredOperand(0),
    role: input.requiredOneOf('role', ROLES),
    keysDirectory: input.requiredText('keys'),
  };
}
