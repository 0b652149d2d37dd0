import { writeNetworkAccess } from '@eko/command';
import { checkPortsAreFree, freePorts, type KeptPort } from '../processes/free-ports';
import { EkoError } from '@eko/protocol';
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile, DevNode } from './network-file';
import { readNetworkFile, writeNetworkFile } from './network-file';
import { partiesOf } from './node-configuration';
import { DEV_CHAINCODE, DEV_CHANNEL, DEV_NODES } from './network-plan';

/** Which ledger a development network runs on. */
export type LedgerChoice =
  | { readonly kind: 'embedded' }
  /** A native Fabric network, by the directory of its state. */
  | { readonly kind: 'fabric'; readonly directory: string };

/**
 * The network of a directory: at the first start, it is planned on free ports and written down; later it is the same,
 * on the same ports, because the ledger holds the nodes' endpoints.
 *
 * @param choice - the ledger; of a network that exists, only its own can be chosen
 * @throws EkoError `INVALID_CONFIG` naming a kept port that another program took, `BAD_STATE` for another ledger,
 *   `CORRUPT_RECORD`
 */
export async function planNetwork(layout: DevLayout, choice?: LedgerChoice): Promise<DevNetworkFile> {
  const present = await readNetworkFile(layout);
  if (present !== undefined) {
    if (choice !== undefined) requireSameLedger(present, choice);
    await checkPortsAreFree(keptPorts(present));
    await tellCommands(layout, present);
    return present;
  }
  const portsPerNode = 3;
  const [ledgerPort = 0, ...ports] = await freePorts(1 + DEV_NODES.length * portsPerNode);
  const nodes = DEV_NODES.map((planned, place): DevNode => {
    const [port = 0, operationsPort = 0, streamPort = 0] = ports.slice(place * portsPerNode);
    return { ...planned, port, operationsPort, ...(planned.isProvider ? { streamPort } : {}) };
  });
  const network: DevNetworkFile = {
    version: 1,
    chaincode: DEV_CHAINCODE,
    nodes,
    ...(choice?.kind === 'fabric'
      ? // A channel holds one network: what nodes registered on it is bound to their keys and ports.
        {
          channel: `${DEV_CHANNEL}-${randomBytes(4).toString('hex')}`,
          fabric: { directory: choice.directory },
        }
      : { channel: DEV_CHANNEL, ledgerPort }),
  };
  await tellCommands(layout, network);
  await writeNetworkFile(layout, network);
  return network;
}

/** Commands find the parties by this, without knowing how a network lays out its files. */
async function tellCommands(layout: DevLayout, network: DevNetworkFile): Promise<void> {
  const parties = partiesOf(layout, network).map((each) => ({
    ...each,
    tokenFile: relative(layout.directory, each.tokenFile),
  }));
  await writeNetworkAccess(layout.directory, { version: 1, parties });
}

function requireSameLedger({ fabric }: DevNetworkFile, choice: LedgerChoice): void {
  const chosen = choice.kind === 'fabric' ? choice.directory : undefined;
  if (chosen === fabric?.directory) return;
  const own = fabric === undefined ? 'the embedded ledger' : `the Fabric network in ${fabric.directory}`;
  throw new EkoError(
    'BAD_STATE',
    `This network was made on ${own}: eko dev reset, or name another directory`,
  );
}

/** Every port that a network keeps, and for what. */
export function keptPorts({ ledgerPort, nodes }: DevNetworkFile): readonly KeptPort[] {
  return [
    ...(ledgerPort === undefined ? [] : [{ port: ledgerPort, owner: 'the ledger' }]),
    ...nodes.flatMap(({ nodeId, port, operationsPort, streamPort }) => [
      { port, owner: nodeId },
      { port: operationsPort, owner: `the operations of ${nodeId}` },
      ...(streamPort === undefined ? [] : [{ port: streamPort, owner: `the streams of ${nodeId}` }]),
    ]),
  ];
}
