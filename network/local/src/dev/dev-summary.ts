import { curlLines } from './curl-lines';
import type { DevNetwork } from './dev-network';
import { DEV_HOST } from './node-configuration';

/** What whoever starts the embedded ledger must know. */
export const ONE_DOMAIN_OF_TRUST =
  'Its ledger is for development: one process with the keys of all organisations, so one domain of trust.';

/** Where a running network can be reached, for programs. */
export interface DevSummary {
  readonly directory: string;
  readonly channel: string;
  readonly ledger: string;
  /** Whether the ledger is the embedded one, which holds the keys of all organisations. */
  readonly isOneDomainOfTrust: boolean;
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
  /** Command lines that speak to the initiator. */
  readonly curl: readonly string[];
}

/** Sums a running network up. */
export function summaryOf({ layout, network }: Pick<DevNetwork, 'layout' | 'network'>): DevSummary {
  return {
    directory: layout.directory,
    channel: network.channel,
    ledger:
      network.fabric === undefined
        ? `${DEV_HOST}:${network.ledgerPort ?? 0}`
        : `Fabric in ${network.fabric.directory}`,
    isOneDomainOfTrust: network.fabric === undefined,
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
    curl: curlLines(layout, network),
  };
}

/** The same for people. */
export function summaryLines({
  directory,
  isOneDomainOfTrust,
  parties,
  curl,
}: DevSummary): readonly string[] {
  return [
    '',
    `The network is running; its state is in ${directory}.`,
    ...(isOneDomainOfTrust ? [ONE_DOMAIN_OF_TRUST] : []),
    '',
    ...parties.flatMap(({ nodeId, address, tokenFile }) => [
      `${nodeId.padEnd(9)}  REST API  ${address}`,
      `${' '.repeat(9)}  token in  ${tokenFile}`,
    ]),
    '',
    'To paste: the nodes, a new stream, all streams, everything as it happens:',
    ...curl.map((line) => `  ${line}`),
  ];
}
