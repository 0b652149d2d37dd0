import type { NodeRole } from '@eko/protocol/ledger';

/** The built entry point of each kind of node, by the package that exports it. */
const NODE_MAINS: Readonly<Record<NodeRole, string>> = {
  orchestrator: '@eko/orchestrator/main',
  witness: '@eko/witness/main',
  party: '@eko/party/main',
};

/** The file that a node of this role runs. */
export function nodeMain(role: NodeRole): string {
  return require.resolve(NODE_MAINS[role]);
}

/** The file that the embedded ledger runs. */
export function ledgerMain(): string {
  return require.resolve('@eko/embedded-ledger/main');
}
