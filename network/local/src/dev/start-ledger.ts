import { writeWhole } from '@eko/protocol/node';
import { EkoError } from '@eko/protocol';
import type { DevLayout } from './dev-layout';
import { DevProcess, type ReadyLine } from './dev-process';
import { ledgerMain } from './entry-points';
import type { DevNetworkFile } from './network-file';
import { DEV_ORGANISATIONS, DEV_READER } from './network-plan';
import { DEV_HOST, certificateAttributes, fabricProfile } from './node-configuration';

/** The name of the ledger's process. */
export const LEDGER_PROCESS = 'ledger';

/** A block waits this long for more transactions: short, because people wait for single ones. */
const BLOCK_TIMEOUT_MS = 5;
const READY_DEADLINE_MS = 30_000;

/**
 * Starts the embedded ledger, which also makes an identity for every node, and writes each node's Fabric profile.
 *
 * @throws EkoError as `DevProcess.ready`
 */
export async function startEmbeddedLedger(
  layout: DevLayout,
  network: DevNetworkFile,
  blockTimeoutMs = BLOCK_TIMEOUT_MS,
): Promise<DevProcess> {
  const nodes = network.nodes.map((node) => userOption(node.mspId, node.nodeId, certificateAttributes(node)));
  const users = [...nodes, userOption(DEV_READER.mspId, DEV_READER.name, {})];
  const started = DevProcess.spawn({
    name: LEDGER_PROCESS,
    main: ledgerMain(),
    args: [
      ...option('directory', layout.ledger),
      ...option('channel', network.channel),
      ...option('chaincode', network.chaincode),
      ...option('host', DEV_HOST),
      ...option('port', String(network.ledgerPort ?? 0)),
      ...option('block-timeout-ms', String(blockTimeoutMs)),
      ...DEV_ORGANISATIONS.flatMap(({ mspId, domain }) => option('organisation', `${mspId}=${domain}`)),
      ...users.flatMap((user) => option('user', user)),
    ],
    logFile: layout.ledgerLog,
  });
  try {
    const ready = await started.ready(READY_DEADLINE_MS);
    await writeProfile(layout.readerProfile, network, ready, DEV_READER.name);
    for (const { nodeId } of network.nodes) {
      await writeProfile(layout.node(nodeId).profile, network, ready, nodeId);
    }
    return started;
  } catch (error) {
    await started.stop(0);
    throw error;
  }
}

async function writeProfile(
  file: string,
  { channel, chaincode, ledgerPort }: DevNetworkFile,
  ready: ReadyLine,
  name: string,
): Promise<void> {
  const user = ready.users?.find((each) => each.name === name);
  const domain = DEV_ORGANISATIONS.find(({ mspId }) => mspId === user?.mspId)?.domain;
  if (user === undefined || domain === undefined || ready.tlsCaFile === undefined) {
    throw new EkoError('INTERNAL', `The ledger made no identity for ${name}`, { details: { name } });
  }
  const profile = fabricProfile({
    endpoint: `${DEV_HOST}:${ledgerPort ?? 0}`,
    mspId: user.mspId,
    mspFolder: user.mspFolder,
    holder: `${name}@${domain}`,
    tlsCaFile: ready.tlsCaFile,
    channel,
    chaincode,
  });
  await writeWhole(file, `${JSON.stringify(profile, undefined, 2)}\n`);
}

const option = (name: string, value: string): readonly string[] => [`--${name}`, value];

function userOption(mspId: string, name: string, attributes: Readonly<Record<string, string>>): string {
  const written = Object.entries(attributes).map(([attribute, value]) => `${attribute}=${value}`);
  return [mspId, name, 'client', ...written].join('/');
}
