import { EkoError } from '@eko/protocol';
import { NodeId, type NodeRole } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';
import type { CommandInput, CommandOption } from '@eko/command';

const ROLES = ['orchestrator', 'witness', 'party'] as const satisfies readonly NodeRole[];

/** Which node a command is about. */
export const NODE_OPTIONS: readonly CommandOption[] = [
  { flags: '--role <role>', summary: 'orchestrator, witness or party', isRequired: true },
  { flags: '--keys <path>', summary: 'the folder of its keys', isRequired: true },
];

/**
 * Reads them.
 *
 * @throws EkoError `INVALID_ARGUMENT` naming the option, or for a name that no node can have
 */
export function nodeOf(input: CommandInput): { nodeId: string; role: NodeRole; keysDirectory: string } {
  return {
    nodeId: nodeIdOf(input.requiredOperand(0)),
    role: input.requiredOneOf('role', ROLES),
    keysDirectory: input.requiredText('keys'),
  };
}

function nodeIdOf(text: string): string {
  if (fits(NodeId, text)) return text;
  throw new EkoError(
    'INVALID_ARGUMENT',
    "A node's name is up to 63 characters of lower case, digits, dots and dashes, the first a letter or digit",
    { details: { operand: 'nodeId' } },
  );
}
