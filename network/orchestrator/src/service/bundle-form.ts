import { AssignmentRecord, BundleTerms, KeptRecord, strictObject } from '@eko/protocol/ledger';
import { Type, type Static } from '@eko/protocol/encoding';
import type { BundleForm } from '@eko/node-kit';
import { NO_LEAD, type OrchestratorState } from '../core/orchestrator-state';

const StoredBundle = strictObject({
  bundle: BundleTerms,
  assignment: AssignmentRecord,
  acceptedAtUnixMs: Type.Integer(),
  record: Type.Optional(KeptRecord),
  ended: Type.Union([Type.Literal('all'), Type.Array(Type.Integer())]),
  owesAttestation: Type.Boolean(),
});

/** How an orchestrator's bundle lies in its store; how far its lead had come is left out, and what
 * lies in the outbox is known from there. */
export const orchestratorStateForm: BundleForm<OrchestratorState, typeof StoredBundle> = {
  schema: StoredBundle,
  encode: toStored,
  decode: (stored) => ({ ...NO_LEAD, outbox: [], destroying: [], ...stored }),
};

function toStored(state: OrchestratorState): Static<typeof StoredBundle> {
  const { bundle, assignment, acceptedAtUnixMs, record, ended, owesAttestation } = state;
  return {
    bundle,
    assignment,
    acceptedAtUnixMs,
    ...(record === undefined ? {} : { record }),
    ended: ended === 'all' ? 'all' : [...ended],
    owesAttestation,
  };
}
