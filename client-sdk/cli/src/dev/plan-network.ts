import { checkPortsAreFree, freePorts, type KeptPort } from '@eko/process-kit';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile, DevNode } from './network-file';
import { readNetworkFile, writeNetworkFile } from './network-file';
import { DEV_CHAINCODE, DEV_CHANNEL, DEV_NODES } from './network-plan';

/**
 * The network of a directory: at the first start, it is planned on free ports and written down; later it is the same,
 * on the same ports, because the ledger holds the nodes' endpoints.
 *
 * @throws EkoError `INVALID_CONFIG` naming a kept port that another program took, `CORRUPT_RECORD`
 */
export async function planNetwork(layout: DevLayout): Promise<DevNetworkFile> {
  const present = await readNetworkFile(layout);
  if (present !== undefined) {
    await checkPortsAreFree(keptPorts(present));
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
    channel: DEV_CHANNEL,
    chaincode: DEV_CHAINCODE,
    ledgerPort,
    nodes,
  };
  await writeNetworkFile(layout, network);
  return network;
}

function keptPorts({ ledgerPort, nodes }: DevNetworkFile): readonly KeptPort[] {
  return [
    { port: ledgerPort, owner: 'the ledger' },
    ...nodes.flatMap(({ nodeId, port, operationsPort, streamPort }) => [
      { port, owner: nodeId },
      { port: operationsPort, owner: `the operations of ${nodeId}` },
      ...(streamPort === undefined ? [] : [{ port: streamPort, owner: `the streams of ${nodeId}` }]),
    ]),
  ];
}
