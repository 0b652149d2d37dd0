import { EkoError, isEkoError } from '@eko/protocol';
import { LABELS, proveNodeKeys, signRecord } from '@eko/protocol/crypto';
import {
  TRANSACTIONS,
  identityHash,
  nodeUpdateStatement,
  type NodeRecord,
  type NodeRole,
  type NodeStatus,
  type RegisterNode,
  type UpdateNode,
} from '@eko/protocol/ledger';
import { newEd25519Signer, proveTlsKey } from '@eko/protocol/node';
import { loadNodeKeys, type NodeKeys } from '../keys/node-keys';
import type { FabricProfile } from '../ledger/fabric-profile';
import type { Ledger } from '../ledger/ledger';
import { NodeDirectory } from './node-directory';
import { X509Certificate } from 'node:crypto';

/** What a registration says of a node beside its keys. */
export type NodeAttributes = Pick<RegisterNode, 'endpoint' | 'streamAddress' | 'zone' | 'tags'>;

/** Whom to register, and with whose Fabric identity. */
export interface NodeRegistration {
  readonly ledger: Ledger;
  /** The identity that the node is bound to; the ledger is connected with it. */
  readonly profile: Pick<FabricProfile, 'mspId' | 'certificatePem'>;
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly keysDirectory: string;
  /** The folder of the keys that the ledger has of the node, where they are others: they sign the change. */
  readonly formerKeysDirectory?: string;
  readonly attributes: NodeAttributes;
  readonly signal?: AbortSignal;
}

/** What came of it; `txId` and `blockNumber` are there where something was written. */
export interface RegistrationOutcome {
  readonly outcome: 'registered' | 'updated' | 'unchanged';
  readonly nodeId: string;
  readonly keyEpoch: number;
  readonly status: NodeStatus;
  /** Whether something of it waits for an administrator of its organisation, `mspId`. */
  readonly waits: boolean;
  readonly mspId: string;
  readonly txId?: string;
  readonly blockNumber?: bigint;
}

/**
 * Brings a node's record on the ledger to what its key folder and these attributes say: registers it, updates it, or
 * leaves it as it is.
 *
 * @throws EkoError `ALREADY_EXISTS` for another's node, `BAD_STATE` for another role or a node that takes no part any
 *   more, `INVALID_ARGUMENT` for other keys than the ledger has without those, and as `loadNodeKeys` and `Ledger.submit`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function registerNode(registration: NodeRegistration): Promise<RegistrationOutcome> {
  const { ledger, nodeId, role, attributes, signal } = registration;
  const present = await readNode(ledger, nodeId, signal);
  using own = loadNodeKeys(registration.keysDirectory, { nodeId, role });
  const { identity, keys } = provedKeys(registration, own);
  if (present === undefined) {
    const argument = { nodeId, role, keys, ...attributes };
    const submitted = ledger.submit(TRANSACTIONS.registerNode, argument, { signal });
    const committed = await submitted.catch(async (error: unknown) => {
      if (isEkoError(error, 'ALREADY_EXISTS')) await refuseSecondNode(ledger, identity, signal);
      throw error;
    });
    return { outcome: 'registered', ...standingOf(committed.result.node), ...placeOf(committed) };
  }
  checkIsOurs(present, identity, role);
  const { keyEpoch } = present;
  if (isSame(present, keys, attributes)) return { outcome: 'unchanged', ...standingOf(present) };
  const document = { nodeId, keyEpoch, keys, ...attributes };
  const argument = signUpdate(document, present, own, registration);
  const committed = await ledger.submit(TRANSACTIONS.updateNode, argument, { signal });
  return { outcome: 'updated', ...standingOf(committed.result.node), ...placeOf(committed) };
}

/** A node's record, or `undefined` where none has that name. */
export async function readNode(
  ledger: Ledger,
  nodeId: string,
  signal?: AbortSignal,
): Promise<NodeRecord | undefined> {
  try {
    return await ledger.evaluate(TRANSACTIONS.readNode, { nodeId }, { signal });
  } catch (error) {
    if (isEkoError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/**
 * The record of a node that has to be there.
 * @throws EkoError `NOT_FOUND`, and as `Ledger.evaluate`
 */
export async function readRegistered(
  ledger: Ledger,
  nodeId: string,
  signal?: AbortSignal,
): Promise<NodeRecord> {
  const node = await readNode(ledger, nodeId, signal);
  if (node !== undefined) return node;
  throw new EkoError('NOT_FOUND', `No node ${nodeId} is registered`, {
    details: { nodeId, next: 'look at what there is: eko node show' },
  });
}

function provedKeys(
  { nodeId, profile }: NodeRegistration,
  own: NodeKeys,
): { identity: string; keys: RegisterNode['keys'] } {
  const { publicKey } = new X509Certificate(profile.certificatePem);
  const identity = identityHash(profile.mspId, publicKey.export({ type: 'spki', format: 'der' }));
  const owner = { nodeId, identity };
  return { identity, keys: { ...proveNodeKeys(own.seeds, owner), tls: proveTlsKey(own.tls, owner) } };
}

/** The key that the ledger has of the node signs what replaces its record: whoever has only its identity cannot. */
function signUpdate(
  document: Omit<UpdateNode, 'signature'>,
  present: NodeRecord,
  own: NodeKeys,
  { ledger, nodeId, role, formerKeysDirectory }: NodeRegistration,
): UpdateNode {
  const sign = (keys: NodeKeys): UpdateNode => {
    const statement = nodeUpdateStatement(ledger.channel, document);
    const signer = newEd25519Signer(keys.seeds.sign);
    return { ...document, signature: signRecord(LABELS.nodeUpdateSignature, statement, signer) };
  };
  if (document.keys.sign.publicKey === present.keys.sign) return sign(own);
  if (formerKeysDirectory === undefined)
    throw new EkoError(
      'INVALID_ARGUMENT',
      `The ledger has other keys of ${nodeId}, and they sign the change`,
      {
        details: {
          nodeId,
          next: 'name their folder: --former-keys. If they are lost, retire the node and register another: eko node retire',
        },
      },
    );
  using former = loadNodeKeys(formerKeysDirectory, { nodeId, role });
  return sign(former);
}

const standingOf = (
  node: NodeRecord,
): Pick<RegistrationOutcome, 'nodeId' | 'keyEpoch' | 'status' | 'waits' | 'mspId'> => {
  const { nodeId, keyEpoch, status, mspId } = node;
  return { nodeId, keyEpoch, status, waits: status === 'pending' || node.proposed !== undefined, mspId };
};

const placeOf = ({ txId, blockNumber }: { readonly txId: string; readonly blockNumber: bigint }) => ({
  txId,
  blockNumber,
});

/** The ledger names a key of its state; a person needs to know whose identity this is already. */
async function refuseSecondNode(
  ledger: Ledger,
  identity: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const directory = await NodeDirectory.load(ledger, { signal }, () => true);
  const first = [...directory.all()].find((node) => node.identity === identity);
  if (first === undefined) return;
  throw new EkoError('ALREADY_EXISTS', `This Fabric identity has registered another node, ${first.nodeId}`, {
    details: {
      nodeId: first.nodeId,
      next: 'enrol an identity for this node, each has its own, and name its profile: --profile',
    },
  });
}

function checkIsOurs(present: NodeRecord, identity: string, role: NodeRole): void {
  const { nodeId, status } = present;
  if (present.identity !== identity) {
    throw new EkoError('ALREADY_EXISTS', `Node ${nodeId} belongs to another identity`, {
      details: {
        nodeId,
        next: 'choose another name for this node, or name the profile that registered that one: --profile',
      },
    });
  }
  if (present.role !== role || (status !== 'active' && status !== 'pending')) {
    throw new EkoError('BAD_STATE', `Node ${nodeId} is a ${status} ${present.role} and stays one`, {
      details: { nodeId, role: present.role, status },
    });
  }
}

function isSame(present: NodeRecord, keys: RegisterNode['keys'], attributes: NodeAttributes): boolean {
  const recorded = {
    tls: present.keys.tls,
    kem: present.keys.kem.publicKey,
    sign: present.keys.sign,
    vrf: present.keys.vrf,
    ...attributesOf(askedOf(present)),
  };
  const wanted = {
    tls: keys.tls.certificate,
    kem: keys.kem.publicKey,
    sign: keys.sign.publicKey,
    vrf: keys.vrf?.publicKey,
    ...attributesOf(attributes),
  };
  return JSON.stringify(recorded) === JSON.stringify(wanted);
}

/** What the node itself asked for last: zone and tags may wait. */
function askedOf(present: NodeRecord): NodeAttributes {
  const { endpoint, streamAddress, proposed = present } = present;
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(streamAddress === undefined ? {} : { streamAddress }),
    ...(proposed.zone === undefined ? {} : { zone: proposed.zone }),
    ...(proposed.tags === undefined ? {} : { tags: proposed.tags }),
  };
}

const attributesOf = ({ endpoint, streamAddress, zone, tags }: NodeAttributes): NodeAttributes => ({
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(streamAddress === undefined ? {} : { streamAddress }),
  ...(zone === undefined ? {} : { zone }),
  ...(tags === undefined ? {} : { tags }),
});
