import type { NodeRecord, ChosenRole, RosterEntry } from '@eko/protocol/ledger';

/** The ledger's registry as a dealer needs it. */
export interface Registry {
  /** The node of that name, active or retired, as far as its registration was seen. */
  node(nodeId: string): NodeRecord | undefined;
  /**
   * The eligible nodes of a role, and those that left lately.
   *
   * @param version - the roster's version that must be contained, as a bundle's record names it
   * @throws EkoError where the ledger does not answer, or does not have that version yet
   */
  roster(role: ChosenRole, version: number): Promise<readonly RosterEntry[]>;
}
