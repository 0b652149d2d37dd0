import { witnessesOf } from '@eko/protocol/crypto';
import { type Selection } from '@eko/protocol/ledger';

/**
 * Tells whether every stream has its quorum among those who acknowledged: only then may a bundle become active.
 * @see docs/protocol.md, "3. Dealing"
 */
export function coversQuorum(
  selection: Selection,
  quorum: number,
  acknowledged: ReadonlySet<string>,
): boolean {
  return selection.draws.every(
    (_, index) => witnessesOf(selection, index).filter((nodeId) => acknowledged.has(nodeId)).length >= quorum,
  );
}

/** The drawn witnesses that have not acknowledged. */
export function unacknowledged(selection: Selection, acknowledged: ReadonlySet<string>): readonly string[] {
  return selection.witnesses.filter((nodeId) => !acknowledged.has(nodeId));
}
