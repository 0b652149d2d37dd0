import {
  EkoError,
  TRANSACTIONS,
  encodeBase64Url,
  identityHash,
  isEkoError,
  proveNodeKeys,
  type NodeRecord,
  type NodeRole,
  type RegisterNode,
} from '@eko/protocol';
import { NodeDirectory, loadNodeKeys, type FabricProfile, type Ledger } from '@eko/sdk';
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
  readonly attributes: NodeAttributes;
  readonly signal?: AbortSignal;
}

/** What came of it; `txId` and `blockNumber` are there where something was written. */
export interface RegistrationOutcome {
  readonly outcome: 'registered' | 'updated' | 'unchanged';
  readonly nodeId: string;
  readonly keyEpoch: number;
  readonly txId?: string;
  readonly blockNumber?: bigint;
}

/**
 * Brings a node's record on the ledger to what its key folder and these attributes say: registers it, updates it, or
 * leaves it as it is.
 *
 * @throws EkoError `ALREADY_EXISTS` for another's node, `BAD_STATE` for another role or a retired node, and as
 *   `loadNodeKeys` and `Ledger.submit`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function registerNode(registration: NodeRegistration): Promise<RegistrationOutcome> {
  const { ledger, nodeId, role, attributes, signal } = registration;
  const present = await readNode(ledger, nodeId, signal);
  const { identity, keys } = provedKeys(registration);
  if (present === undefined) {
    const argument = { nodeId, role, keys, ...attributes };
    const submitted = ledger.submit(TRANSACTIONS.registerNode, argument, { signal });
    const { txId, blockNumber } = await submitted.catch(async (error: unknown) => {
      if (isEkoError(error, 'ALREADY_EXISTS')) await refuseSecondNode(ledger, identity, signal);
      throw error;
    });
    return { outcome: 'registered', nodeId, keyEpoch: 1, txId, blockNumber };
  }
  checkIsOurs(present, identity, role);
  const { keyEpoch } = present;
  if (isSame(present, keys, attributes)) return { outcome: 'unchanged', nodeId, keyEpoch };
  const argument = { nodeId, keyEpoch, keys, ...attributes };
  const { txId, blockNumber } = await ledger.submit(TRANSACTIONS.updateNode, argument, { signal });
  return { outcome: 'updated', nodeId, keyEpoch: keyEpoch + 1, txId, blockNumber };
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

function provedKeys({ nodeId, role, keysDirectory, profile }: NodeRegistration): {
  identity: string;
  keys: RegisterNode['keys'];
} {
  using own = loadNodeKeys(keysDirectory, { nodeId, role });
  const { publicKey } = new X509Certificate(profile.certificatePem);
  const identity = identityHash(profile.mspId, publicKey.export({ type: 'spki', format: 'der' }));
  const keys = {
    ...proveNodeKeys(own.seeds, { nodeId, identity }),
    tls: encodeBase64Url(own.tls.certificateDer),
  };
  return { identity, keys };
}

/** The ledger names a key of its state; a person needs to know whose identity this is already. */
async function refuseSecondNode(
  ledger: Ledger,
  identity: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const directory = await NodeDirectory.load(ledger, { signal });
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
  if (present.role !== role || status !== 'active') {
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
    ...attributesOf(present),
  };
  const wanted = {
    tls: keys.tls,
    kem: keys.kem.publicKey,
    sign: keys.sign.publicKey,
    vrf: keys.vrf?.publicKey,
    ...attributesOf(attributes),
  };
  return JSON.stringify(recorded) === JSON.stringify(wanted);
}

const attributesOf = ({ endpoint, streamAddress, zone, tags }: NodeAttributes): NodeAttributes => ({
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(streamAddress === undefined ? {} : { streamAddress }),
  ...(zone === undefined ? {} : { zone }),
  ...(tags === undefined ? {} : { tags }),
});
