import { NodeRole, parseWith } from '@eko/protocol';
import type { CommandInput, CommandOption } from '../command';

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
    role: parseWith(NodeRole, input.requiredText('role'), '--role'),
    keysDirectory: input.requiredText('keys'),
  };
}
