import { TRANSACTIONS, decodeBase64Url, hashText, type NodeRole, type Roster } from '@eko/protocol';
import type { HarnessOutcome } from '@eko/embedded-ledger';
import { X509Certificate } from 'node:crypto';
import { EkoLedger } from './eko-ledger';
import { register } from './test-network';
import { newTestNode, type NodeDescription, type TestNode } from './test-node';

/** Registers and changes nodes on one ledger. */
export class RegistryDriver {
  readonly ledger = new EkoLedger();
  #made = 0;

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

  /** Submits what registered a node once more as an update, with some of its fields changed. */
  update(node: TestNode, change: object = {}): Promise<HarnessOutcome> {
    return this.ledger.submit(node.identity, TRANSACTIONS.updateNode, {
      ...without(node.registration, 'role'),
      keyEpoch: 1,
      ...change,
    });
  }

  /** The roster of a role as it is committed. */
  rosterOf(role: NodeRole): Roster {
    return (this.ledger.recordAt(`roster/${role}`) ?? { version: 0, entries: [] }) as Roster;
  }
}

/** An object without one of its fields. */
export function without<T extends object>(object: T, field: keyof T): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}

/** The hashes under which the ledger finds the owner of each key. */
export function keyHashes({ tls, kem, sign, vrf }: TestNode['registration']['keys']): string[] {
  const { publicKey } = new X509Certificate(decodeBase64Url(tls));
  const raw = [kem.publicKey, sign.publicKey, ...(vrf === undefined ? [] : [vrf.publicKey])];
  return [
    hashText(publicKey.export({ type: 'spki', format: 'der' })),
    ...raw.map((key) => hashText(decodeBase64Url(key))),
  ];
}
