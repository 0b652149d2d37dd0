import { AssignmentRecord, BundleTerms, KeptRecord, strictObject } from '@eko/protocol/ledger';
import { Type, type Static } from '@eko/protocol/encoding';
import type { BundleForm } from '@eko/node-kit';
import type { WitnessState } from '../core/witness-state';

const Streams = Type.Union([Type.Literal('all'), Type.Array(Type.Integer())]);

const StoredBundle = strictObject({
  bundle: BundleTerms,
  assignment: AssignmentRecord,
  held: Type.Array(
    strictObject({
      dealer: Type.String(),
      dealingId: Type.String(),
      epoch: Type.Integer(),
      fence: Type.Integer(),
      envelopeHash: Type.String(),
      sheetHash: Type.String(),
      column: Type.Integer(),
      nodes: Type.Array(strictObject({ depth: Type.Integer(), position: Type.Integer() })),
      storedAtUnixMs: Type.Integer(),
    }),
  ),
  abandoned: Type.Optional(
    Type.Array(
      strictObject({
        dealer: Type.String(),
        dealingId: Type.String(),
        signature: Type.String(),
        signKey: Type.String(),
      }),
    ),
  ),
  record: Type.Optional(KeptRecord),
  ended: Streams,
  endedOnLedger: Streams,
  unattested: Streams,
});

/** How a witness's bundle lies in its store; permits, and what a start destroys, are left out on purpose. */
export const witnessStateForm: BundleForm<WitnessState, typeof StoredBundle> = {
  schema: StoredBundle,
  encode: toStored,
  decode: (stored) => ({ abandoned: [], ...stored, toDestroy: [], permits: [] }),
};

function toStored(state: WitnessState): Static<typeof StoredBundle> {
  const { bundle, assignment, held, abandoned, record, ended, endedOnLedger, unattested } = state;
  const streams = (selection: 'all' | readonly number[]): 'all' | number[] =>
    selection === 'all' ? 'all' : [...selection];
  return {
    bundle,
    assignment,
    held: held.map((dealing) => ({ ...dealing, nodes: [...dealing.nodes] })),
    ...(abandoned.length === 0 ? {} : { abandoned: [...abandoned] }),
    ...(record === undefined ? {} : { record }),
    ended: streams(ended),
    endedOnLedger: streams(endedOnLedger),
    unattested: streams(unattested),
  };
}
