import { EkoError, isEkoError, LIMITS } from '@eko/protocol';
import {
  type Attestation,
  type AttestationRecord,
  type AttestDestruction,
  type AttestedDestruction,
  type BundleRecord,
  type Destruction,
  EVENTS,
  FIRST_EPOCH,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { verifyAttestation } from '@eko/protocol/crypto';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import type { Ledger, Work } from './ledger-port';
import { badState, indicesOf, isActive, isPartyOf } from './lifecycle';
import type { OutcomeOf } from './outcome';
import { readAssignment, readDealings, readEnd, requireBundle, requireNode } from './records';
import { requireReceiptsGoOn, requireReceiptsOfWitness } from './receipt-heads';
import { attestationKey, heartbeatKey } from './state-keys';
import { requireAdmitted, requireAdmittedSubmitter } from './submitter-node';
import { wasAssigned } from './assignments';

/**
 * Records nodes' signed words that what they held of ended streams is gone; retired nodes may still give and submit them.
 * Whoever takes part, or did once, may submit those of others, in any order and again.
 *
 * An attestation that does not hold is left out whole and named in the answer: whoever cannot have held one of its
 * entries, or names one twice, says nothing that counts, nor does who says again what is taken already. It costs the others nothing. Where none holds, the first one's
 * refusal is the transaction's.
 *
 * The receipts that others' attestations show are kept with them and held against nothing: a gathering reads and writes
 * no key that two submitters share. Of the submitter's own they go on from what it last said, as in its heartbeats.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_SIGNATURE`, `INVALID_ARGUMENT` for too much at once and for an epoch of
 *   a bundle that is named twice, `BAD_STATE` for a stream that has not ended, for an epoch that was not dealt and for a
 *   node that nobody vouched for, and for a witness as `requireReceiptsGoOn`
 * @see docs/protocol.md, "6. The end"
 */
export async function attestDestruction(
  { attestations: brought }: AttestDestruction,
  work: Work,
): Promise<OutcomeOf<'attestDestruction'>> {
  const { call, ledger } = work;
  const { nodeId: by } = await requireAdmittedSubmitter(work);
  refuseTooMany(brought);
  const attestations: Attestation[] = [];
  const said = new Set<string>();
  const skipped: AttestedDestruction['skipped'] = [];
  let refusal: EkoError | undefined;
  for (const attestation of brought) {
    try {
      const { nodeId, destructions, receipts } = attestation;
      const statement = encodeCanonicalJson({ nodeId, destructions, receipts: receipts ?? null });
      if (said.has(statement))
        throw new EkoError('INVALID_ARGUMENT', `${nodeId} attests the same twice at once`);
      await requireSound(attestation, by, work);
      if (nodeId === by && attestations.some((taken) => taken.nodeId === by))
        throw new EkoError('INVALID_ARGUMENT', `${by} submits two attestations of its own at once`);
      attestations.push(attestation);
      said.add(statement);
    } catch (error) {
      // A ledger that cannot be read is no fault of an attestation.
      if (!isEkoError(error)) throw error;
      skipped.push({ nodeId: attestation.nodeId, code: error.code });
      refusal ??= error;
    }
  }
  if (attestations.length === 0 && refusal !== undefined) throw refusal;
  const { txId, nowUnixMs: atUnixMs } = call;
  const record: AttestationRecord = { attestations, by, txId, atUnixMs };
  await ledger.put(attestationKey(txId), record);
  const receipts = attestations.find(({ nodeId }) => nodeId === by)?.receipts;
  // So that the next word of this witness is held against this one.
  if (receipts !== undefined) await ledger.put(heartbeatKey(by), { nodeId: by, atUnixMs, receipts });
  return { result: { skipped }, event: { name: EVENTS.destructionAttested, payload: { record } } };
}

function refuseTooMany(attestations: readonly Attestation[]): void {
  const count = attestations.reduce((sum, { destructions }) => sum + destructions.length, 0);
  if (count > LIMITS.destructionsPerTransaction)
    throw new EkoError(
      'INVALID_ARGUMENT',
      `A transaction attests ${LIMITS.destructionsPerTransaction} destructions at most, not ${count}`,
    );
}

async function requireSound(attestation: Attestation, by: string, { call, ledger, verify }: Work) {
  const { nodeId, destructions, receipts } = attestation;
  const node = requireAdmitted(await requireNode(ledger, nodeId));
  verifyAttestation(call.channel, attestation, node.keys.sign, verify.signature);
  refuseRepeated(destructions);
  if (nodeId === by) await requireReceiptsGoOn(node, receipts, ledger);
  else requireReceiptsOfWitness(node, receipts);
  for (const destruction of destructions) await requireDestroyable(destruction, node, ledger);
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
