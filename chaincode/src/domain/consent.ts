import { EkoError } from '@eko/protocol';
import {
  EVENTS,
  bundleTermsOf,
  consentDueUnixMs,
  type AcceptStream,
  type AcceptanceRecord,
  type BundleRecord,
  type DeclineStream,
  type EndRecord,
} from '@eko/protocol/ledger';
import { newAssignment } from './assignments';
import type { Work } from './ledger-port';
import { badState, refuseEndedBundle, refuseLate } from './lifecycle';
import { announced, unchanged, type OutcomeOf } from './outcome';
import { refuseSecrets, textOf } from './public-text';
import { putOnce, readAcceptance, requireBundle } from './records';
import { acceptanceKey, assignmentKey, endKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * The provider consents, which assigns who deals: by its VRF proof, so that its initiator cannot know whom before, and it
 * cannot choose. Consenting twice is answered with the first consent.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE` where a standing offer consented already and
 *   once the time of the streams is over, `BAD_PROOF`, `POLICY_UNSATISFIABLE` where too few orchestrators of the request
 *   are left
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function acceptStream(
  { bundleId, proof }: AcceptStream,
  work: Work,
): Promise<OutcomeOf<'acceptStream'>> {
  const { call, ledger } = work;
  const bundle = await requireBundleAsProvider(bundleId, work);
  await refuseEndedBundle(ledger, bundleId);
  if (bundle.offerId !== undefined)
    throw badState('accepted', `the standing offer ${bundle.offerId} has accepted it`);
  const present = await readAcceptance(ledger, bundleId);
  if (present !== undefined) return unchanged({ acceptance: present });
  refuseLate(bundle, { nowUnixMs: call.nowUnixMs, dueUnixMs: consentDueUnixMs(bundle), reason: 'expired' });
  const acceptance: AcceptanceRecord = {
    bundleId,
    by: bundle.policy.provider,
    proof,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  const assignment = await newAssignment({ bundle, acceptance, earlier: [] }, work);
  await putOnce(ledger, acceptanceKey(bundleId), acceptance);
  await putOnce(ledger, assignmentKey(bundleId, assignment.fence), assignment);
  const payload = { acceptance, assignment, terms: bundleTermsOf(bundle) };
  return { result: { acceptance }, event: { name: EVENTS.streamsAccepted, payload } };
}

/**
 * The provider declines, which ends the bundle.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE` once it has been accepted
 */
export async function declineStream(
  { bundleId, note }: DeclineStream,
  work: Work,
): Promise<OutcomeOf<'declineStream'>> {
  const { call, ledger } = work;
  refuseSecrets(textOf('note', note));
  const bundle = await requireBundleAsProvider(bundleId, work);
  await refuseEndedBundle(ledger, bundleId);
  if (bundle.offerId !== undefined || (await readAcceptance(ledger, bundleId)) !== undefined)
    throw badState('accepted', 'what was accepted is revoked, not declined');
  refuseLate(bundle, { nowUnixMs: call.nowUnixMs, dueUnixMs: consentDueUnixMs(bundle), reason: 'expired' });
  const end: EndRecord = {
    bundleId,
    reason: 'declined',
    by: bundle.policy.provider,
    ...(note === undefined ? {} : { note }),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await putOnce(ledger, endKey(bundleId), end);
  return announced(EVENTS.streamsEnded, { ends: [end] });
}

async function requireBundleAsProvider(bundleId: string, work: Work): Promise<BundleRecord> {
  const bundle = await requireBundle(work.ledger, bundleId);
  const { nodeId } = await requireActiveSubmitter(work);
  if (nodeId !== bundle.policy.provider)
    throw new EkoError('FORBIDDEN', `Only the provider ${bundle.policy.provider} may accept or decline`, {
      details: { bundleId, provider: bundle.policy.provider },
    });
  return bundle;
}
