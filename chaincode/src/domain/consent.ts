import { EkoError, EVENTS } from '@eko/protocol';
import type {
  AcceptanceRecord,
  BundleRecord,
  BundleReference,
  DeclineStream,
  EndRecord,
} from '@eko/protocol';
import type { Work } from './ledger-port';
import { badState, refuseEndedBundle } from './lifecycle';
import { announced, unchanged, type Outcome } from './outcome';
import { refuseSecrets, textOf } from './public-text';
import { putOnce, readAcceptance, requireBundle } from './records';
import { acceptanceKey, endKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * The provider consents. Consenting twice is answered with the first consent.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE` where a standing offer consented already
 */
export async function acceptStream({ bundleId }: BundleReference, work: Work): Promise<Outcome> {
  const { call, ledger } = work;
  const bundle = await requireBundleAsProvider(bundleId, work);
  await refuseEndedBundle(ledger, bundleId);
  if (bundle.offerId !== undefined)
    throw badState('accepted', `the standing offer ${bundle.offerId} has accepted it`);
  const present = await readAcceptance(ledger, bundleId);
  if (present !== undefined) return unchanged({ acceptance: present });
  const acceptance: AcceptanceRecord = {
    bundleId,
    by: bundle.policy.provider,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await putOnce(ledger, acceptanceKey(bundleId), acceptance);
  return announced({ name: EVENTS.streamsAccepted, payload: { acceptance } });
}

/**
 * The provider declines, which ends the bundle.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE` once it has been accepted
 */
export async function declineStream({ bundleId, note }: DeclineStream, work: Work): Promise<Outcome> {
  const { call, ledger } = work;
  refuseSecrets(textOf('note', note));
  const bundle = await requireBundleAsProvider(bundleId, work);
  await refuseEndedBundle(ledger, bundleId);
  if (bundle.offerId !== undefined || (await readAcceptance(ledger, bundleId)) !== undefined)
    throw badState('accepted', 'what was accepted is revoked, not declined');
  const end: EndRecord = {
    bundleId,
    reason: 'declined',
    by: bundle.policy.provider,
    ...(note === undefined ? {} : { note }),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await putOnce(ledger, endKey(bundleId), end);
  return announced({ name: EVENTS.streamsEnded, payload: { ends: [end] } });
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
