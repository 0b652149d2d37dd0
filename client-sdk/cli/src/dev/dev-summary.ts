import type { DevNetwork } from './dev-network';

/** Where a running network can be reached, for programs. */
export interface DevSummary {
  readonly directory: string;
  readonly channel: string;
  readonly ledger: string;
  readonly parties: readonly {
    readonly nodeId: string;
    readonly address: string;
    readonly tokenFile: string;
  }[];
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly role: string;
    readonly mspId: string;
    readonly operations: string;
  }[];
}

/** Sums a running network up. */
export function summaryOf({ layout, network }: Pick<DevNetwork, 'layout' | 'network'>): DevSummary {
  return {
    directory: layout.directory,
    channel: network.channel,
    ledger: `127.0.0.1:${network.ledgerPort}`,
    parties: network.nodes
      .filter(({ role }) => role === 'party')
      .map(({ nodeId, port }) => ({
        nodeId,
        address: `http://127.0.0.1:${port}`,
        tokenFile: layout.node(nodeId).token,
      })),
    nodes: network.nodes.map(({ nodeId, role, mspId, operationsPort }) => ({
      nodeId,
      role,
      mspId,
      operations: `http://127.0.0.1:${operationsPort}`,
    })),
  };
}
