import { EkoError } from '@eko/protocol';
import {
  FIRST_EPOCH,
  EVENTS,
  setupDueUnixMs,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
  type NodeRecord,
  type RecordDealings,
} from '@eko/protocol/ledger';
import { holdersOf } from '@eko/protocol/crypto';
import { requireFence } from './assignments';
import { drawFromProofs } from './bundle-draw';
import { verifyDealings } from './dealing-rules';
import type { Work } from './ledger-port';
import { badState, isActive, refuseEndedBundle, refuseLate } from './lifecycle';
import type { OutcomeOf } from './outcome';
import { putOnce, requireBundle, requireNode } from './records';
import { dealingsKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * Records all dealings of a bundle with the draw of its witnesses, which makes its streams active. The draw is computed
 * here from the proofs; nobody submits one.
 *
 * Before this only a whole bundle can end, so one tombstone is read, not one a stream.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `FENCED`, `STREAM_ENDED`, `BAD_STATE` before consent, after its time or for
 *   another epoch than the first, `STREAM_ENDED` after the set-up limit too, `ALREADY_EXISTS`, `BAD_PROOF`, `POLICY_UNSATISFIABLE`, `INVALID_COMMITMENTS`,
 *   `BAD_SIGNATURE`
 * @see docs/protocol.md, "2. The draw" and "3. Dealing"
 */
export async function recordDealings(
  argument: RecordDealings,
  work: Work,
): Promise<OutcomeOf<'recordDealings'>> {
  const { call, ledger, verify } = work;
  const { bundleId, epoch, fence, proofs, dealings } = argument;
  const bundle = await requireBundle(ledger, bundleId);
  const { nodeId: by } = await requireActiveSubmitter(work);
  await refuseEndedBundle(ledger, bundleId);
  const { current: assignment, all } = await requireFence(ledger, bundleId, fence);
  refuseStranger(by, assignment);
  // The first assignment is of the transaction that consents.
  await requireDealable(bundle, epoch, all[0]?.atUnixMs ?? assignment.atUnixMs, work);
  const dealers = await readDealers(assignment, work);
  const selection = await drawFromProofs({ bundle, assignment, dealers, proofs }, work);
  const holders = holdersOf(bundle, selection);
  verifyDealings(
    { channel: call.channel, bundle, epoch, fence, holders, dealers, dealings },
    verify.signature,
  );
  const record: DealingsRecord = {
    bundleId,
    epoch,
    fence,
    proofs,
    selection,
    dealings,
    by,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await putOnce(ledger, dealingsKey(bundleId, epoch), record);
  // The record stands in the block three times without the answer, and it is the largest one: who wants it has the event.
  return { result: { bundleId }, event: { name: EVENTS.dealingsRecorded, payload: { record } } };
}

function refuseStranger(nodeId: string, { bundleId, orchestrators }: AssignmentRecord): void {
  if (!orchestrators.includes(nodeId))
    throw new EkoError('FORBIDDEN', `Only its assigned orchestrators record the dealings of ${bundleId}`, {
      details: { bundleId },
    });
}

async function requireDealable(
  bundle: BundleRecord,
  epoch: number,
  consentedAtUnixMs: number,
  { call, ledger }: Work,
): Promise<void> {
  if (epoch !== FIRST_EPOCH)
    throw badState('accepted', `this version deals epoch ${FIRST_EPOCH} only, not ${epoch}`);
  if (call.nowUnixMs >= bundle.notAfterUnixMs) throw badState('accepted', 'its time is over');
  // Of what has been dealt already, that is what is said.
  if (await isActive(ledger, bundle.bundleId)) return;
  const dueUnixMs = setupDueUnixMs(bundle, consentedAtUnixMs);
  refuseLate(bundle, { nowUnixMs: call.nowUnixMs, dueUnixMs, reason: 'failed' });
}

async function readDealers({ orchestrators }: AssignmentRecord, { ledger }: Work): Promise<NodeRecord[]> {
  const dealers: NodeRecord[] = [];
  for (const nodeId of orchestrators) dealers.push(await requireNode(ledger, nodeId));
  return dealers;
}
