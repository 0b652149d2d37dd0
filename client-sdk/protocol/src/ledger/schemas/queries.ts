import { Type, type Static } from '@sinclair/typebox';
import { DealingsRecord } from './dealings';
import { strictObject } from './scalars';
import { AcceptanceRecord, AssignmentRecord, BundleRecord, EndRecord, Lapse } from './streams';

/** Answer of `ReadBundle`: everything the ledger holds of a bundle; `ends` has the bundle's and its streams' tombstones. */
export const BundleView = strictObject({
  bundle: BundleRecord,
  acceptance: Type.Optional(AcceptanceRecord),
  /** By fence; none before consent. */
  assignments: Type.Array(AssignmentRecord),
  dealings: Type.Array(DealingsRecord),
  ends: Type.Array(EndRecord),
  /** Set where no record ended the bundle and its time to be accepted or dealt is over. */
  lapse: Type.Optional(Lapse),
});
export type BundleView = Static<typeof BundleView>;
