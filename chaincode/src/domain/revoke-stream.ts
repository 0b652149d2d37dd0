import { EkoError } from '@eko/protocol';
import { type BundleRecord, type RevokeStream } from '@eko/protocol/ledger';
import { wasAssigned } from './assignments';
import type { Work } from './ledger-port';
import { isPartyOf } from './lifecycle';
import type { OutcomeOf } from './outcome';
import { refuseSecrets, textOf } from './public-text';
import { requireBundle } from './records';
import { findSubmitterNode } from './submitter-node';
import { writeEnds } from './tombstones';

/**
 * Revokes a bundle, or single streams of an active one. Revoking what has ended changes nothing and succeeds.
 *
 * It reads immutable keys, its caller's record and the end keys that it writes, so that nobody can hold it up; a
 * retired node may still pull this brake.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_STATE`, `SECRET_IN_METADATA`
 * @see docs/protocol.md, "6. The end"
 */
export async function revokeStream(
  { bundleId, streams, note }: RevokeStream,
  work: Work,
): Promise<OutcomeOf<'revokeStream'>> {
  refuseSecrets(textOf('note', note));
  const bundle = await requireBundle(work.ledger, bundleId);
  const by = await requireRevoker(bundle, work);
  return writeEnds({ bundle, streams, reason: 'revoked', by, note }, work);
}

async function requireRevoker(bundle: BundleRecord, work: Work): Promise<string> {
  const { mspId, role } = work.call.submitter;
  if (role === 'admin' && (mspId === bundle.initiatorMsp || mspId === bundle.providerMsp))
    return `admin:${mspId}`;
  const nodeId = (await findSubmitterNode(work))?.nodeId;
  if (nodeId !== undefined && isPartyOf(bundle, nodeId)) return nodeId;
  if (nodeId !== undefined && (await wasAssigned(work.ledger, bundle.bundleId, nodeId))) return nodeId;
  throw new EkoError(
    'FORBIDDEN',
    `Only its parties, its orchestrators and administrators of its parties' organisations revoke ${bundle.bundleId}`,
    { details: { bundleId: bundle.bundleId } },
  );
}
