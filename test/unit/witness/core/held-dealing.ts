import type { HeldDealing } from '../../../../network/witness/src/core/witness-state';
import { dealingId, hash } from '../../../support/data/ledger-facts';

/** What witness-a holds of the dealing in `dealingsRecord`: both streams, in the place that the draw gave it. */
export const heldDealing: HeldDealing = {
  dealer: 'dealer',
  dealingId: dealingId('d'),
  epoch: 1,
  fence: 0,
  envelopeHash: hash('k'),
  sheetHash: hash('h'),
  column: 2,
  nodes: [{ depth: 0, position: 0 }],
  storedAtUnixMs: 1_000_100,
};
