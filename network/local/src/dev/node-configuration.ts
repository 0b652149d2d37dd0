import { CERTIFICATE_ATTRIBUTES } from '@eko/protocol/ledger';
import { join } from 'node:path';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile, DevNode } from './network-file';

/** Everything of the development network listens here and nowhere else. */
export const DEV_HOST = '127.0.0.1';

/** The one label under which applications may have keys of their own. */
export const DEV_EXPORT_LABEL = 'key check';

/** The settings that each node's process gets in its configuration file. */
export function nodeConfiguration(layout: DevLayout, node: DevNode): Readonly<Record<string, unknown>> {
  const files = layout.node(node.nodeId);
  const everyNode = {
    nodeId: node.nodeId,
    keysDirectory: files.keys,
    dataDirectory: files.data,
    ledgerProfile: files.profile,
    host: DEV_HOST,
    port: node.port,
    operationsPort: node.operationsPort,
    allowAddresses: [`${DEV_HOST}/8`],
  };
  if (node.role !== 'party') return everyNode;
  return {
    ...everyNode,
    tokenFile: files.token,
    exportLabels: [DEV_EXPORT_LABEL],
    ...(node.streamPort === undefined ? {} : { streamHost: DEV_HOST, streamPort: node.streamPort }),
  };
}

/** What the registry says of a node beside its keys. */
export function nodeAttributes(node: DevNode): {
  zone: string;
  endpoint?: string;
  streamAddress?: string;
} {
  return {
    zone: node.zone,
    ...(node.role === 'party' ? {} : { endpoint: `https://${DEV_HOST}:${node.port}` }),
    ...(node.streamPort === undefined ? {} : { streamAddress: `${DEV_HOST}:${node.streamPort}` }),
  };
}

/** The attributes of a node's certificate: its organisation vouches for it by them, and nobody has to approve it. */
export function certificateAttributes({ role, zone }: DevNode): Readonly<Record<string, string>> {
  return { [CERTIFICATE_ATTRIBUTES.role]: role, [CERTIFICATE_ATTRIBUTES.zone]: zone };
}

/** A Fabric profile file for the identity whose MSP folder this is. */
export function fabricProfile(facts: {
  readonly endpoint: string;
  readonly mspId: string;
  readonly mspFolder: string;
  readonly holder: string;
  readonly tlsCaFile: string;
  readonly channel: string;
  readonly chaincode: string;
}): Readonly<Record<string, string>> {
  const { endpoint, mspId, mspFolder, holder, tlsCaFile, channel, chaincode } = facts;
  return {
    endpoint,
    mspId,
    channel,
    chaincode,
    hostAlias: 'localhost',
    tlsCaPath: tlsCaFile,
    certificatePath: join(mspFolder, 'signcerts', `${holder}-cert.pem`),
    privateKeyPath: join(mspFolder, 'keystore', 'priv_sk'),
  };
}

/** A party with the address of its REST API and the file of its token. */
export interface DevParty {
  readonly nodeId: string;
  readonly address: string;
  readonly tokenFile: string;
}

/** The parties of a network. */
export function partiesOf(layout: DevLayout, { nodes }: DevNetworkFile): readonly DevParty[] {
  return nodes
    .filter(({ role }) => role === 'party')
    .map(({ nodeId, port }) => ({
      nodeId,
      address: `http://${DEV_HOST}:${port}`,
      tokenFile: layout.node(nodeId).token,
    }));
}
