import { SecretBytes } from '@eko/protocol';
import {
  CERTIFICATE_ATTRIBUTES,
  identityHash,
  nodeUpdateStatement,
  type NodeRole,
  type RegisterNode,
  type UpdateNode,
} from '@eko/protocol/ledger';
import { LABELS, proveNodeKeys, type NodeSeeds, signRecord } from '@eko/protocol/crypto';
import { newEd25519Signer, proveTlsKey } from '@eko/protocol/node';
import type { HarnessIdentity } from '@eko/embedded-ledger';
import { X509Certificate, randomBytes } from 'node:crypto';
import { CHANNEL, type EkoLedger } from './eko-ledger';
import { selfSignedTls, type SelfSignedTls } from '../data/certificates';

/** A node of a test with real keys: who it is and what registers it. */
export interface TestNode {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly mspId: string;
  readonly identity: HarnessIdentity;
  readonly seeds: NodeSeeds;
  readonly tls: SelfSignedTls;
  readonly registration: RegisterNode;
}

/** What a test says of a node. */
export type NodeDescription = Pick<RegisterNode, 'nodeId' | 'role'> &
  Partial<Pick<RegisterNode, 'zone' | 'tags' | 'endpoint'>> & {
    readonly mspId: string;
    /** What its certificate says of it; as a rule, all that its registration says, so that nobody has to approve it. */
    readonly attributes?: Readonly<Record<string, string>>;
  };

/** Makes a node, not registered yet. Parties have no endpoint unless they are given one. */
export async function newTestNode(ledger: EkoLedger, description: NodeDescription): Promise<TestNode> {
  const { mspId, attributes = vouchingAttributes(description), ...facts } = description;
  const { nodeId, role } = facts;
  const identity = await ledger.identity({ mspId, name: nodeId, attributes });
  const seeds = newSeeds(role);
  const tls = await selfSignedTls(nodeId);
  const keys = registrationKeys(nodeId, identity, { seeds, tls });
  const endpoint = role === 'party' ? {} : { endpoint: `https://${nodeId}.example:8443` };
  return { nodeId, role, mspId, identity, seeds, tls, registration: { ...endpoint, ...facts, keys } };
}

/** The attributes of a certificate whose authority vouches for a node. */
export function vouchingAttributes({
  role,
  zone,
  tags,
}: Pick<NodeDescription, 'role' | 'zone' | 'tags'>): Record<string, string> {
  return {
    [CERTIFICATE_ATTRIBUTES.role]: role,
    ...(zone === undefined ? {} : { [CERTIFICATE_ATTRIBUTES.zone]: zone }),
    ...(tags === undefined ? {} : { [CERTIFICATE_ATTRIBUTES.tags]: tags.join(',') }),
  };
}

/** Fresh seeds of a role's keys. */
export function newSeeds(role: NodeRole): NodeSeeds {
  return {
    kem: new SecretBytes('kem seed', new Uint8Array(randomBytes(32))),
    sign: new SecretBytes('sign seed', new Uint8Array(randomBytes(32))),
    ...(role !== 'witness' ? { vrf: new SecretBytes('vrf seed', new Uint8Array(randomBytes(32))) } : {}),
  };
}

/** What a node proves that it holds. */
export type HeldKeys = Pick<TestNode, 'seeds' | 'tls'>;

/** Fresh keys of every kind. */
export async function newHeldKeys(nodeId: string, role: NodeRole): Promise<HeldKeys> {
  return { seeds: newSeeds(role), tls: await selfSignedTls(nodeId) };
}

/** The public keys with their proofs. */
export function registrationKeys(
  nodeId: string,
  identity: HarnessIdentity,
  { seeds, tls }: HeldKeys,
): RegisterNode['keys'] {
  const owner = { nodeId, identity: identityHashOf(identity) };
  return { ...proveNodeKeys(seeds, owner), tls: proveTlsKey(tls, owner) };
}

/** An update as the node's `sign` key signs it. */
export function signedUpdate(
  document: Omit<UpdateNode, 'signature'>,
  { seeds }: Pick<HeldKeys, 'seeds'>,
  channel = CHANNEL,
): UpdateNode {
  const sign = newEd25519Signer(seeds.sign);
  const statement = nodeUpdateStatement(channel, document);
  return { ...document, signature: signRecord(LABELS.nodeUpdateSignature, statement, sign) };
}

/** The hash under which the ledger knows an identity. */
export function identityHashOf({ mspId, certificatePem }: HarnessIdentity): string {
  const { publicKey } = new X509Certificate(certificatePem);
  return identityHash(mspId, publicKey.export({ type: 'spki', format: 'der' }));
}
