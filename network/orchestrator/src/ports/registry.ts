import type { NodeRecord, NodeRole, RosterEntry } from '@eko/protocol';

/** The ledger's registry as a dealer needs it. */
export interface Registry {
  /** The node of that name, active or retired, as far as its registration was seen. */
  node(nodeId: string): NodeRecord | undefined;
  /**
   * The eligible nodes of a role.
   * @throws EkoError where the ledger does not answer
   */
  roster(role: NodeRole): Promise<readonly RosterEntry[]>;
}
