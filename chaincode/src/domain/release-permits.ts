import { EkoError } from '@eko/protocol';
import { EVENTS, type AuthorizeRelease, type PermitRecord } from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { badState, indicesOf, isPartyOf, readConsent, refuseEndedStreams } from './lifecycle';
import { announced, type OutcomeOf } from './outcome';
import { readDealings, requireBundle } from './records';
import { permitKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * Leave for the submitting party to collect shares of some streams once more. It reads the tombstone of each, so it
 * can only be ordered before their end; it leaves on the ledger who fetched which key and when.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE` before that epoch is dealt or after its time
 * @see docs/protocol.md, "4. Release"
 */
export async function authorizeRelease(
  argument: AuthorizeRelease,
  work: Work,
): Promise<OutcomeOf<'authorizeRelease'>> {
  const { call, ledger } = work;
  const { bundleId, epoch, streams } = argument;
  const bundle = await requireBundle(ledger, bundleId);
  const { nodeId } = await requireActiveSubmitter(work);
  if (!isPartyOf(bundle, nodeId))
    throw new EkoError('FORBIDDEN', `Only the two parties of bundle ${bundleId} collect its keys`, {
      details: { bundleId },
    });
  await refuseEndedStreams(ledger, bundleId, indicesOf(bundle, streams));
  if ((await readDealings(ledger, bundleId, epoch)) === undefined) {
    const consented = (await readConsent(ledger, bundle)) !== undefined;
    throw badState(consented ? 'accepted' : 'requested', `epoch ${epoch} has not been dealt`);
  }
  if (call.nowUnixMs >= bundle.notAfterUnixMs) throw badState('active', 'its time is over');
  const permit: PermitRecord = {
    bundleId,
    epoch,
    streams,
    party: nodeId,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await ledger.put(permitKey(bundleId, call.txId), permit);
  return announced(EVENTS.releaseAuthorized, { permit });
}
