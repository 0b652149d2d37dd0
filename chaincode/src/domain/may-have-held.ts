import type { BundleRecord, NodeRecord } from '@eko/protocol/ledger';
import { wasAssigned } from './assignments';
import type { Ledger } from './ledger-port';
import { isPartyOf } from './lifecycle';
import { readAssignment, readDealings } from './records';

/**
 * Tells whether a node may have held something of a bundle's epoch: its parties, whoever was ever assigned to deal it,
 * and the witnesses of the draw on record, whichever of its streams they were drawn for. A dealing that was delivered
 * and never recorded has a draw that nobody can see, so that any witness may have held something of what was not dealt,
 * or not by those first assigned.
 *
 * Of a bundle or stream that has ended it reads only what never changes.
 *
 * @see docs/protocol.md, "6. The end"
 */
export async function mayHaveHeld(
  { nodeId, role }: NodeRecord,
  { bundle, epoch }: { readonly bundle: BundleRecord; readonly epoch: number },
  ledger: Ledger,
): Promise<boolean> {
  const { bundleId } = bundle;
  switch (role) {
    case 'party':
      return isPartyOf(bundle, nodeId);
    case 'orchestrator':
      return wasAssigned(ledger, bundleId, nodeId);
    case 'witness': {
      const dealt = await readDealings(ledger, bundleId, epoch);
      if (dealt === undefined || dealt.selection.witnesses.includes(nodeId)) return true;
      return (await readAssignment(ledger, bundleId, 1)) !== undefined;
    }
  }
}
