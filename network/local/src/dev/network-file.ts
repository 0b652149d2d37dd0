import { noNetwork } from '@eko/command';
import { isMissing, writeWhole } from '@eko/protocol/node';
import { EkoError } from '@eko/protocol';
import { NodeRole, strictObject } from '@eko/protocol/ledger';
import { Type, parseStrictJson, parseWith, type Static } from '@eko/protocol/encoding';
import { readFile } from 'node:fs/promises';
import type { DevLayout } from './dev-layout';

const Port = Type.Integer({ minimum: 1024, maximum: 65535 });
/** A node with the ports that it keeps. */
export const DevNode = strictObject({
  nodeId: Type.String(),
  role: NodeRole,
  mspId: Type.String(),
  zone: Type.String(),
  isProvider: Type.Boolean(),
  /** Where other nodes, or a party's applications, reach it. */
  port: Port,
  /** Health and metrics. */
  operationsPort: Port,
  /** Where a provider takes secure streams. */
  streamPort: Type.Optional(Port),
});
export type DevNode = Static<typeof DevNode>;

/** What a development network is: written once, at its first start. */
export const DevNetworkFile = strictObject({
  version: Type.Literal(1),
  channel: Type.String(),
  chaincode: Type.String(),
  /** Of the embedded ledger. */
  ledgerPort: Type.Optional(Port),
  /** Of a native Fabric network: where its state is. */
  fabric: Type.Optional(strictObject({ directory: Type.String() })),
  nodes: Type.Array(DevNode),
});
export type DevNetworkFile = Static<typeof DevNetworkFile>;

const MAX_BYTES = 64 * 1024;

/**
 * Reads what was written at the first start, or answers `undefined` where there was none.
 *
 * @throws EkoError `CORRUPT_RECORD`
 */
export async function readNetworkFile(layout: DevLayout): Promise<DevNetworkFile | undefined> {
  let text: string;
  try {
    text = await readFile(layout.networkFile, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new EkoError('INVALID_CONFIG', `${layout.networkFile} cannot be read`, {
      details: { file: layout.networkFile },
      cause: error,
    });
  }
  try {
    const value = parseStrictJson(text, { maxBytes: MAX_BYTES, maxDepth: 4 });
    return parseWith(DevNetworkFile, value, layout.networkFile, 'CORRUPT_RECORD');
  } catch (error) {
    throw new EkoError('CORRUPT_RECORD', `${layout.networkFile} was changed or cut`, {
      details: { file: layout.networkFile },
      cause: error,
    });
  }
}

/**
 * As `readNetworkFile`, for those who need a network.
 *
 * @throws EkoError `NOT_FOUND` where there is none, `CORRUPT_RECORD`
 */
export async function requireNetworkFile(layout: DevLayout): Promise<DevNetworkFile> {
  const network = await readNetworkFile(layout);
  if (network !== undefined) return network;
  throw noNetwork(layout.directory);
}

/** Writes it, whole. */
export async function writeNetworkFile(layout: DevLayout, network: DevNetworkFile): Promise<void> {
  await writeWhole(layout.networkFile, `${JSON.stringify(network, undefined, 2)}\n`);
}
