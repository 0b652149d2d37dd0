import { LIMITS, type Offer, type RequestStreams } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { EkoLedger } from './eko-ledger';
import { streamPolicy } from '../data/stream-request';
import { newTestNode, type NodeDescription, type TestNode } from './test-node';

/** A small network: registered nodes of every role on an in-memory ledger. */
export interface TestNetwork {
  readonly ledger: EkoLedger;
  readonly initiator: TestNode;
  readonly provider: TestNode;
  readonly orchestrators: readonly TestNode[];
  readonly witnesses: readonly TestNode[];
}

/** How large the network is; organisations take turns. */
export interface NetworkSize {
  readonly orchestrators?: number;
  readonly witnesses?: number;
}

const ORGANISATIONS = ['Org1MSP', 'Org2MSP', 'Org3MSP'] as const;

/** Makes a network and registers all of its nodes. */
export async function newTestNetwork(size: NetworkSize = {}): Promise<TestNetwork> {
  const ledger = new EkoLedger();
  const add = async (description: NodeDescription): Promise<TestNode> => {
    const node = await newTestNode(ledger, description);
    await register(ledger, node);
    return node;
  };
  const several = async (role: 'orchestrator' | 'witness', count: number): Promise<TestNode[]> => {
    const nodes: TestNode[] = [];
    for (let n = 0; n < count; n += 1) {
      const mspId = ORGANISATIONS[n % ORGANISATIONS.length] ?? 'Org1MSP';
      nodes.push(await add({ nodeId: `${role}-${n}`, role, mspId, zone: `zone-${n % 2}`, tags: ['tested'] }));
    }
    return nodes;
  };
  return {
    ledger,
    initiator: await add({ nodeId: 'initiator', role: 'party', mspId: 'Org1MSP' }),
    provider: await add({ nodeId: 'provider', role: 'party', mspId: 'Org2MSP' }),
    orchestrators: await several('orchestrator', size.orchestrators ?? 3),
    witnesses: await several('witness', size.witnesses ?? 4),
  };
}

/** Registers a node; a refusal fails the test. */
export async function register(ledger: EkoLedger, node: TestNode): Promise<void> {
  const { error } = await ledger.submit(node.identity, TRANSACTIONS.registerNode, node.registration);
  if (error !== undefined) throw new Error(`${node.nodeId} was refused: ${error.code}: ${error.message}`);
}

/** The bundle of most tests. */
export const BUNDLE_ID = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';

/** Slots go round: a test has fewer than all of them waiting at a time. */
let requested = 0;

/** A request that the default network satisfies: 2 streams, 2 of 3 witnesses, 2 dealers. */
export function streamRequest(
  change: Partial<Omit<RequestStreams, 'policy'>> & { policy?: Partial<RequestStreams['policy']> } = {},
): RequestStreams {
  const { policy, ...rest } = change;
  return {
    bundleId: BUNDLE_ID,
    requests: [
      { dataType: 'telemetry', permissions: ['read'] },
      { dataType: 'telemetry', permissions: ['read', 'write'], labels: { site: 'north field' } },
    ],
    slot: requested++ % LIMITS.openSlots,
    ...rest,
    policy: streamPolicy(policy),
  };
}

/** An offer that leaves everything to its defaults. */
export function plainOffer(change: Partial<Offer> = {}): Offer {
  return {
    offerId: 'plain',
    dataTypes: ['telemetry'],
    permissions: ['read', 'write'],
    maxDurationSeconds: 3600,
    msps: ['Org1MSP'],
    minQuorum: 2,
    maxWitnesses: 3,
    ...change,
  };
}

/** A standing offer that `streamRequest` satisfies. */
export function standingOffer(change: Partial<Offer> = {}): Offer {
  return plainOffer({ offerId: 'standing', maxPerOrg: 2, quorumInOneOrg: true, ...change });
}
