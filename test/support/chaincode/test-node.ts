import {
  SecretBytes,
  encodeBase64Url,
  identityHash,
  proveNodeKeys,
  type NodeRole,
  type NodeSeeds,
  type RegisterNode,
} from '@eko/protocol';
import type { HarnessIdentity } from '@eko/embedded-ledger';
import { X509Certificate, randomBytes } from 'node:crypto';
import type { EkoLedger } from './eko-ledger';
import { selfSignedCertificate } from './self-signed-certificate';

/** A node of a test with real keys: who it is and what registers it. */
export interface TestNode {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly mspId: string;
  readonly identity: HarnessIdentity;
  readonly seeds: NodeSeeds;
  readonly registration: RegisterNode;
}

/** What a test says of a node. */
export type NodeDescription = Pick<RegisterNode, 'nodeId' | 'role'> &
  Partial<Pick<RegisterNode, 'zone' | 'tags' | 'endpoint'>> & { readonly mspId: string };

/** Makes a node, not registered yet. Parties have no endpoint unless they are given one. */
export async function newTestNode(ledger: EkoLedger, description: NodeDescription): Promise<TestNode> {
  const { mspId, ...facts } = description;
  const { nodeId, role } = facts;
  const identity = await ledger.identity({ mspId, name: nodeId });
  const seeds = newSeeds(role);
  const keys = await registrationKeys(nodeId, identity, seeds);
  const endpoint = role === 'party' ? {} : { endpoint: `https://${nodeId}.example:8443` };
  return { nodeId, role, mspId, identity, seeds, registration: { ...endpoint, ...facts, keys } };
}

/** Fresh seeds of a role's keys. */
export function newSeeds(role: NodeRole): NodeSeeds {
  return {
    kem: new SecretBytes('kem seed', new Uint8Array(randomBytes(32))),
    sign: new SecretBytes('sign seed', new Uint8Array(randomBytes(32))),
    ...(role !== 'witness' ? { vrf: new SecretBytes('vrf seed', new Uint8Array(randomBytes(32))) } : {}),
  };
}

/** The public keys of seeds with their proofs, and a fresh TLS certificate. */
export async function registrationKeys(
  nodeId: string,
  identity: HarnessIdentity,
  seeds: NodeSeeds,
): Promise<RegisterNode['keys']> {
  return {
    ...proveNodeKeys(seeds, { nodeId, identity: identityHashOf(identity) }),
    tls: encodeBase64Url(await selfSignedCertificate(nodeId)),
  };
}

/** The hash under which the ledger knows an identity. */
export function identityHashOf({ mspId, certificatePem }: HarnessIdentity): string {
  const { publicKey } = new X509Certificate(certificatePem);
  return identityHash(mspId, publicKey.export({ type: 'spki', format: 'der' }));
}
