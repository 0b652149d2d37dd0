import { EkoError } from '@eko/protocol';
import {
  EVENTS,
  nodeUpdateStatement,
  type NodeRecord,
  type NodeReference,
  type RegisterNode,
  type SelectionFacts,
  type UpdateNode,
} from '@eko/protocol/ledger';
import { LABELS, verifyRecordSignature } from '@eko/protocol/crypto';
import type { Work } from './ledger-port';
import { addressesOf, checkAttributes, selectionFactsOf, withoutProposal } from './node-attributes';
import { claimKeys, verifyRegisteredKeys, type TlsCertificateReader } from './node-keys';
import { freePendingPlace, retireParty, takePartyPlace, takePendingPlace } from './node-places';
import { announced, type OutcomeOf } from './outcome';
import { putOnce, requireNode } from './records';
import { changesFacts, changesSelection, enterRoster, isChosenRole, leaveRoster } from './roster';
import { identityKey, nodeKey } from './state-keys';
import { requireOwnNode, wrongStatus, type IdentityRecord } from './submitter-node';
import { isAdministratorOf, isVouchedFor } from './vouching';

/**
 * Registers a node for the submitting identity, which has none yet. An orchestrator or a witness waits for an
 * administrator of its organisation, unless its certificate vouches for what it says of itself.
 *
 * @throws EkoError `ALREADY_EXISTS`, `INVALID_KEY`, `KEY_IN_USE`, `INVALID_ENDPOINT`, `SECRET_IN_METADATA`,
 *   `ROSTER_FULL`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function registerNode(
  registration: RegisterNode,
  work: Work,
  readTlsCertificate: TlsCertificateReader,
): Promise<OutcomeOf<'registerNode'>> {
  const { call, ledger } = work;
  const { nodeId, role } = registration;
  const { mspId, identity } = call.submitter;
  checkAttributes(registration, role);
  const owner: IdentityRecord = { nodeId };
  await putOnce(ledger, identityKey(identity), owner);
  const { keys, hashes } = verifyRegisteredKeys(
    registration.keys,
    { nodeId, role, identity },
    readTlsCertificate,
  );
  const isActive = !isChosenRole(role) || isVouchedFor(call.submitter, role, registration);
  const node: NodeRecord = {
    nodeId,
    role,
    mspId,
    identity,
    status: isActive ? 'active' : 'pending',
    keyEpoch: 1,
    keys,
    ...addressesOf(registration),
    ...selectionFactsOf(registration),
    offers: [],
    txId: call.txId,
  };
  await putOnce(ledger, nodeKey(nodeId), node);
  await claimKeys(ledger, nodeId, hashes);
  if (role === 'party') await takePartyPlace(mspId, work);
  else if (isActive) await enterRoster(node, work);
  else await takePendingPlace(mspId, work);
  return announced(EVENTS.nodeRegistered, { node });
}

/**
 * Replaces a node's keys, addresses and attributes, if it still has the key epoch that the caller saw, and if its
 * present `sign` key signed the new ones. Zone and tags of an active orchestrator or witness stay as they are until its
 * organisation approves the new ones.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_SIGNATURE`, `BAD_STATE` for a node that takes no part any more or
 *   another key epoch, and all that `registerNode` throws for the new facts
 */
export async function updateNode(
  update: UpdateNode,
  work: Work,
  readTlsCertificate: TlsCertificateReader,
): Promise<OutcomeOf<'updateNode'>> {
  const { call, ledger, verify } = work;
  const { signature, ...document } = update;
  const { nodeId } = document;
  const before = await requireOwnNode(work, nodeId);
  if (before.status !== 'active' && before.status !== 'pending') throw wrongStatus(before);
  if (before.keyEpoch !== document.keyEpoch)
    throw new EkoError('BAD_STATE', `Node ${nodeId} is at key epoch ${before.keyEpoch}: read it again`, {
      details: { nodeId, keyEpoch: before.keyEpoch },
    });
  const statement = nodeUpdateStatement(call.channel, document);
  verifyRecordSignature(LABELS.nodeUpdateSignature, statement, signature, before.keys.sign, verify.signature);
  checkAttributes(document, before.role);
  const { role, identity } = before;
  const { keys, hashes } = verifyRegisteredKeys(
    document.keys,
    { nodeId, role, identity },
    readTlsCertificate,
  );
  const node: NodeRecord = {
    nodeId,
    role,
    mspId: before.mspId,
    identity,
    keyEpoch: before.keyEpoch + 1,
    keys,
    ...addressesOf(document),
    ...standingOf(before, selectionFactsOf(document), work),
    offers: before.offers,
    txId: call.txId,
  };
  await claimKeys(ledger, nodeId, hashes);
  await ledger.put(nodeKey(nodeId), node);
  if (before.status === 'pending' && node.status === 'active') await freePendingPlace(node.mspId, work);
  if (node.status === 'active' && (before.status === 'pending' || changesSelection(before, node)))
    await enterRoster(node, work);
  return announced(EVENTS.nodeUpdated, { node });
}

/**
 * Takes a node out of service for good, by its own identity or an administrator of its organisation. Its ID, identity
 * and keys stay taken. Who never took part counts as turned away: what is still taken from a retired node, nobody has
 * vouched for.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_STATE` if it is retired already or was rejected
 */
export async function retireNode({ nodeId }: NodeReference, work: Work): Promise<OutcomeOf<'retireNode'>> {
  const { call, ledger } = work;
  const before = await requireNode(ledger, nodeId);
  if (!isAdministratorOf(call, before)) await requireOwnNode(work, nodeId);
  if (before.status !== 'active' && before.status !== 'pending') throw wrongStatus(before);
  const status = before.status === 'pending' ? 'rejected' : 'retired';
  const node: NodeRecord = { ...withoutProposal(before), status, txId: call.txId };
  await ledger.put(nodeKey(nodeId), node);
  if (before.status === 'pending') await freePendingPlace(node.mspId, work);
  else if (node.role === 'party') await retireParty(node.mspId, work);
  else await leaveRoster(node, work);
  return announced(EVENTS.nodeRetired, { node });
}

/**
 * Where a node stands after it named zone and tags, and which of them count: those that its organisation vouches for by
 * the certificate; any of a party and of a node that waits, whose administrator will look at them; else those from before.
 */
function standingOf(
  before: NodeRecord,
  facts: SelectionFacts,
  { call }: Work,
): Pick<NodeRecord, 'status' | 'zone' | 'tags' | 'proposed'> {
  const { role, status } = before;
  if (!isChosenRole(role)) return { status, ...facts };
  if (isVouchedFor(call.submitter, role, facts)) return { status: 'active', ...facts };
  if (status === 'pending') return { status, ...facts };
  return {
    status,
    ...selectionFactsOf(before),
    ...(changesFacts(before, facts) ? { proposed: facts } : {}),
  };
}
