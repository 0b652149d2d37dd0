import { JSON_OPERATIONS, RAW_OPERATIONS } from '@eko/protocol/rest';
import type { DevLayout } from './dev-layout';
import type { DevNetwork } from './dev-network';
import type { DevNetworkFile } from './network-file';
import { DEV_INITIATOR, DEV_OFFER, DEV_PROVIDER } from './network-plan';
import { DEV_HOST, partiesOf, type DevParty } from './node-configuration';

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
  readonly parties: readonly DevParty[];
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
    parties: partiesOf(layout, network),
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

/** A request that the provider's standing offer covers. */
const REQUEST = {
  policy: {
    provider: DEV_PROVIDER,
    durationSeconds: 3_600,
    dealers: 2,
    witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
    onLedgerLoss: 'close',
  },
  requests: [{ dataType: DEV_OFFER.dataTypes[0], permissions: DEV_OFFER.permissions }],
};

/**
 * Command lines to paste, which speak to the initiator's REST API. Its token is in the file that curl reads, so that it
 * stands in no list of processes.
 */
function curlLines(layout: DevLayout, { nodes }: DevNetworkFile): readonly string[] {
  const port = nodes.find(({ nodeId }) => nodeId === DEV_INITIATOR)?.port ?? 0;
  const curl = `curl -sS -K ${quoted(layout.node(DEV_INITIATOR).curl)}`;
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
  return [
    `${curl} ${url(JSON_OPERATIONS.listNodes.path)}`,
    `${curl} -H 'content-type: application/json' -d ${quoted(JSON.stringify(REQUEST))} ${url(JSON_OPERATIONS.requestStreams.path)}`,
    `${curl} ${url(JSON_OPERATIONS.listStreams.path)}`,
    `${curl} -N ${url(RAW_OPERATIONS.followEvents.path)}`,
  ];
}

/** As one word of a POSIX shell. */
const quoted = (text: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
