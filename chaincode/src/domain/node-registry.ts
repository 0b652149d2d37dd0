import { EVENTS, EkoError, parseEndpoint, parseStreamAddress } from '@eko/protocol';
import type { NodeRecord, NodeReference, NodeRole, RegisterNode, UpdateNode } from '@eko/protocol';
import type { Work } from './ledger-port';
import { claimKeys, verifyRegisteredKeys, type TlsCertificateReader } from './node-keys';
import { announced, type Outcome } from './outcome';
import { refuseSecrets, textOf, textsOf } from './public-text';
import { putOnce, readRoster } from './records';
import { changesSelection, withNode, withoutNode } from './roster';
import { identityKey, nodeKey, rosterKey } from './state-keys';
import { requireOwnActiveNode, type IdentityRecord } from './submitter-node';

/** Addresses and selection attributes, as both transactions carry them. */
type Attributes = Pick<RegisterNode, 'endpoint' | 'streamAddress' | 'zone' | 'tags'>;

/**
 * Registers a node for the submitting identity, which has none yet.
 * @throws EkoError `ALREADY_EXISTS`, `INVALID_KEY`, `KEY_IN_USE`, `INVALID_ENDPOINT`, `SECRET_IN_METADATA`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function registerNode(
  registration: RegisterNode,
  work: Work,
  readTlsCertificate: TlsCertificateReader,
): Promise<Outcome> {
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
  const node: NodeRecord = {
    nodeId,
    role,
    mspId,
    identity,
    status: 'active',
    keyEpoch: 1,
    keys,
    ...attributesOf(registration),
    offers: [],
    txId: call.txId,
  };
  await putOnce(ledger, nodeKey(nodeId), node);
  await claimKeys(ledger, nodeId, hashes);
  await putIntoRoster(node, work);
  return announced({ name: EVENTS.nodeRegistered, payload: { node } });
}

/**
 * Replaces a node's keys, addresses and attributes, if it still has the key epoch that the caller saw.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_STATE` for a retired node or another key epoch, and all that
 *   `registerNode` throws for the new facts
 */
export async function updateNode(
  update: UpdateNode,
  work: Work,
  readTlsCertificate: TlsCertificateReader,
): Promise<Outcome> {
  const { call, ledger } = work;
  const { nodeId } = update;
  const before = await requireOwnActiveNode(work, nodeId);
  if (before.keyEpoch !== update.keyEpoch)
    throw new EkoError('BAD_STATE', `Node ${nodeId} is at key epoch ${before.keyEpoch}: read it again`, {
      details: { nodeId, keyEpoch: before.keyEpoch },
    });
  checkAttributes(update, before.role);
  const { role, identity } = before;
  const { keys, hashes } = verifyRegisteredKeys(update.keys, { nodeId, role, identity }, readTlsCertificate);
  const node: NodeRecord = {
    nodeId,
    role,
    mspId: before.mspId,
    identity,
    status: 'active',
    keyEpoch: before.keyEpoch + 1,
    keys,
    ...attributesOf(update),
    offers: before.offers,
    txId: call.txId,
  };
  await claimKeys(ledger, nodeId, hashes);
  await ledger.put(nodeKey(nodeId), node);
  if (changesSelection(before, node)) await putIntoRoster(node, work);
  return announced({ name: EVENTS.nodeUpdated, payload: { node } });
}

/**
 * Takes a node out of service for good. Its ID, identity and keys stay taken.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_STATE` if it is retired already
 */
export async function retireNode({ nodeId }: NodeReference, work: Work): Promise<Outcome> {
  const { call, ledger } = work;
  const before = await requireOwnActiveNode(work, nodeId);
  const node: NodeRecord = { ...before, status: 'retired', txId: call.txId };
  await ledger.put(nodeKey(nodeId), node);
  await ledger.put(
    rosterKey(node.role),
    withoutNode(await readRoster(ledger, node.role), nodeId, call.nowUnixMs),
  );
  return announced({ name: EVENTS.nodeRetired, payload: { node } });
}

async function putIntoRoster(node: NodeRecord, { call, ledger }: Work): Promise<void> {
  await ledger.put(rosterKey(node.role), withNode(await readRoster(ledger, node.role), node, call.nowUnixMs));
}

function checkAttributes({ endpoint, streamAddress, zone, tags }: Attributes, role: NodeRole): void {
  refuseSecrets([...textOf('zone', zone), ...textsOf('tags', tags)]);
  if (streamAddress !== undefined) parseStreamAddress(streamAddress);
  if (endpoint !== undefined) parseEndpoint(endpoint);
  else if (role !== 'party')
    throw new EkoError(
      'INVALID_ENDPOINT',
      `A node in the role of ${role} needs an endpoint, where others reach it`,
      {
        details: { role },
      },
    );
}

function attributesOf({ endpoint, streamAddress, zone, tags }: Attributes): Attributes {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(streamAddress === undefined ? {} : { streamAddress }),
    ...(zone === undefined ? {} : { zone }),
    ...(tags === undefined ? {} : { tags }),
  };
}
