import {
  TRANSACTIONS,
  type ChosenRole,
  type RegisterNode,
  type Roster,
  type UpdateNode,
} from '@eko/protocol/ledger';
import { decodeBase64Url } from '@eko/protocol/encoding';
import { hashText } from '@eko/protocol/crypto';
import type { HarnessIdentity, HarnessOutcome } from '@eko/embedded-ledger';
import { X509Certificate } from 'node:crypto';
import { EkoLedger } from './eko-ledger';
import { register } from './test-network';
import { newTestNode, signedUpdate, type NodeDescription, type TestNode } from './test-node';

/** Registers and changes nodes on one ledger. */
export class RegistryDriver {
  readonly ledger: EkoLedger;
  #made = 0;

  constructor(ledger = new EkoLedger()) {
    this.ledger = ledger;
  }

  /** A node of a fresh ID, a witness of Org1MSP unless said otherwise; not registered. */
  newNode(change: Partial<NodeDescription> = {}): Promise<TestNode> {
    this.#made += 1;
    return newTestNode(this.ledger, {
      nodeId: `node-${this.#made}`,
      role: 'witness',
      mspId: 'Org1MSP',
      ...change,
    });
  }

  /** As `newNode`, registered. */
  async registered(change: Partial<NodeDescription> = {}): Promise<TestNode> {
    const node = await this.newNode(change);
    await register(this.ledger, node);
    return node;
  }

  /** Submits a node's registration with some of its fields changed. */
  register(node: TestNode, change: object = {}): Promise<HarnessOutcome> {
    return this.ledger.submit(node.identity, TRANSACTIONS.registerNode, { ...node.registration, ...change });
  }

  /** Submits what registered a node once more as an update that the node signs, with some of its fields changed. */
  update(
    node: TestNode,
    change: Partial<UpdateNode> = {},
    signer: Pick<TestNode, 'seeds'> = node,
  ): Promise<HarnessOutcome> {
    return this.ledger.submit(
      node.identity,
      TRANSACTIONS.updateNode,
      signedUpdate(updateOf(node, change), signer),
    );
  }

  /** An administrator of an organisation. */
  administrator(mspId: string): Promise<HarnessIdentity> {
    return this.ledger.identity({ mspId, name: `admin@${mspId}`, ou: 'admin' });
  }

  /** The roster of a role as it is committed. */
  rosterOf(role: ChosenRole): Roster {
    return (this.ledger.recordAt(`roster/${role}`) ?? { version: 0, entries: [] }) as Roster;
  }
}

/** What registered a node, as an update that nobody has signed. */
export function updateOf(
  { registration }: TestNode,
  change: Partial<UpdateNode> = {},
): Omit<UpdateNode, 'signature'> {
  return { ...withoutRole(registration), keyEpoch: 1, ...change };
}

function withoutRole({ role: _role, ...document }: RegisterNode): Omit<RegisterNode, 'role'> {
  return document;
}

/** An object without one of its fields. */
export function without<T extends object>(object: T, field: keyof T): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}

/** The hashes under which the ledger finds the owner of each key. */
export function keyHashes({ tls, kem, sign, vrf }: TestNode['registration']['keys']): string[] {
  const { publicKey } = new X509Certificate(decodeBase64Url(tls.certificate));
  const raw = [kem.publicKey, sign.publicKey, ...(vrf === undefined ? [] : [vrf.publicKey])];
  return [
    hashText(publicKey.export({ type: 'spki', format: 'der' })),
    ...raw.map((key) => hashText(decodeBase64Url(key))),
  ];
}
