import { EkoError } from '@eko/protocol';
import {
  type AttestationRecord,
  type AttestDestruction,
  type BundleRecord,
  type Destruction,
  type DestructionStatement,
  EVENTS,
  FIRST_EPOCH,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { LABELS, verifyRecordSignature } from '@eko/protocol/crypto';
import type { Ledger, Work } from './ledger-port';
import { badState, indicesOf, isActive, isPartyOf } from './lifecycle';
import { announced, type OutcomeOf } from './outcome';
import { readAssignment, readDealings, readEnd, requireBundle } from './records';
import { requireReceiptsGoOn } from './receipt-heads';
import { attestationKey, heartbeatKey } from './state-keys';
import { requireOwnAdmittedNode } from './submitter-node';
import { wasAssigned } from './assignments';

/**
 * Records a node's signed word that what it held of ended streams is gone; a retired node may still give it. It is
 * refused whole: whoever cannot have held one of its entries, or names one twice, says nothing that counts.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_SIGNATURE`, `INVALID_ARGUMENT` for an epoch of a bundle that is named
 *   twice, `BAD_STATE` for a stream that has not ended and for an epoch that was not dealt, and for a witness as
 *   `requireReceiptsGoOn`
 * @see docs/protocol.md, "6. The end"
 */
export async function attestDestruction(
  argument: AttestDestruction,
  work: Work,
): Promise<OutcomeOf<'attestDestruction'>> {
  const { call, ledger, verify } = work;
  const { nodeId, destructions, receipts, signature } = argument;
  const said = receipts === undefined ? {} : { receipts };
  const node = await requireOwnAdmittedNode(work, nodeId);
  const statement: DestructionStatement = { channel: call.channel, nodeId, destructions, ...said };
  verifyRecordSignature(LABELS.destructionSignature, statement, signature, node.keys.sign, verify.signature);
  refuseRepeated(destructions);
  await requireReceiptsGoOn(node, receipts, ledger);
  for (const destruction of destructions) await requireDestroyable(destruction, node, ledger);
  const attestation: AttestationRecord = {
    nodeId,
    destructions,
    ...said,
    signature,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await ledger.put(attestationKey(nodeId, call.txId), attestation);
  // So that the next word of this witness is held against this one.
  if (receipts !== undefined)
    await ledger.put(heartbeatKey(nodeId), { nodeId, atUnixMs: call.nowUnixMs, receipts });
  return announced(EVENTS.destructionAttested, { attestation });
}

function refuseRepeated(destructions: readonly Destruction[]): void {
  const named = new Set<string>();
  for (const { bundleId, epoch } of destructions) {
    const name = `${bundleId}/${epoch}`;
    if (named.has(name))
      throw new EkoError('INVALID_ARGUMENT', `Epoch ${epoch} of bundle ${bundleId} is named twice`, {
        details: { bundleId },
      });
    named.add(name);
  }
}

async function requireDestroyable(destruction: Destruction, node: NodeRecord, ledger: Ledger): Promise<void> {
  const { bundleId, epoch } = destruction;
  const bundle = await requireBundle(ledger, bundleId);
  await requireEnded(bundle, destruction, ledger);
  await requireKnownEpoch(destruction, ledger);
  if (!(await mayHaveHeld(node, { bundle, epoch }, ledger)))
    throw new EkoError('FORBIDDEN', `Node ${node.nodeId} held nothing of bundle ${bundleId}`, {
      details: { bundleId, nodeId: node.nodeId },
    });
}

async function requireEnded(bundle: BundleRecord, { streams }: Destruction, ledger: Ledger): Promise<void> {
  const { bundleId } = bundle;
  const indices = indicesOf(bundle, streams);
  if ((await readEnd(ledger, bundleId)) !== undefined) return;
  for (const index of indices) {
    if ((await readEnd(ledger, bundleId, index)) !== undefined) continue;
    if (!(await isActive(ledger, bundleId)))
      throw new EkoError('BAD_STATE', `Bundle ${bundleId} has not ended`, { details: { bundleId } });
    throw badState('active', `${bundleId}/${index} has not ended`);
  }
}

/** What was delivered and never recorded is of the first epoch: there is a second only after a first. */
async function requireKnownEpoch({ bundleId, epoch }: Destruction, ledger: Ledger): Promise<void> {
  if (epoch === FIRST_EPOCH || (await readDealings(ledger, bundleId, epoch)) !== undefined) return;
  throw new EkoError('BAD_STATE', `Epoch ${epoch} of bundle ${bundleId} was never dealt`, {
    details: { bundleId, epoch },
  });
}

/**
 * Tells whether a node may have held something of a bundle's epoch: its parties, whoever was ever assigned to deal it,
 * and the witnesses of the draw on record. A dealing that was delivered and never recorded has a draw that nobody can
 * see, so that any witness may have held something of what was not dealt, or not by those first assigned.
 *
 * Of a bundle or stream that has ended it reads only what never changes.
 *
 * @see docs/protocol.md, "6. The end"
 */
async function mayHaveHeld(
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
