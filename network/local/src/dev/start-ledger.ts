import { writeWhole } from '@eko/protocol/node';
import { EkoError } from '@eko/protocol';
import { Type, parseStrictJson, parseWith, type Static } from '@eko/protocol/encoding';
import type { ProcessPlan } from '../processes/start-process';
import type { Supervisor } from '../processes/supervisor';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile } from './network-file';
import { DEV_ORGANISATIONS, DEV_READER } from './network-plan';
import { DEV_HOST, certificateAttributes, fabricProfile } from './node-configuration';

/** The name of the ledger's process. */
export const LEDGER_PROCESS = 'ledger';

/** A block waits this long for more transactions: short, because people wait for single ones. */
const BLOCK_TIMEOUT_MS = 5;
const READY_DEADLINE_MS = 30_000;
const READY_LINE_BYTES = 64 * 1024;

/** What the ledger prints once it serves. */
const ReadyLine = Type.Object({
  tlsCaFile: Type.String(),
  users: Type.Array(Type.Object({ mspId: Type.String(), name: Type.String(), mspFolder: Type.String() })),
});
type ReadyLine = Static<typeof ReadyLine>;

/**
 * Starts the embedded ledger, which also makes an identity for every node, and writes each node's Fabric profile.
 *
 * @throws EkoError as `Supervisor.ready`
 */
export async function startEmbeddedLedger(
  supervisor: Supervisor,
  layout: DevLayout,
  network: DevNetworkFile,
  blockTimeoutMs = BLOCK_TIMEOUT_MS,
): Promise<void> {
  const plan = ledgerProcess(layout, network, blockTimeoutMs);
  const started = supervisor.start(plan);
  try {
    await supervisor.ready(started, plan, READY_DEADLINE_MS);
    const value = parseStrictJson(started.firstLine() ?? '', { maxBytes: READY_LINE_BYTES, maxDepth: 6 });
    const ready = parseWith(ReadyLine, value, `ready line of ${LEDGER_PROCESS}`, 'INTERNAL');
    await writeProfile(layout.readerProfile, network, ready, DEV_READER.name);
    for (const { nodeId } of network.nodes) {
      await writeProfile(layout.node(nodeId).profile, network, ready, nodeId);
    }
  } catch (error) {
    await supervisor.kill(LEDGER_PROCESS);
    throw error;
  }
}

function ledgerProcess(layout: DevLayout, network: DevNetworkFile, blockTimeoutMs: number): ProcessPlan {
  const nodes = network.nodes.map((node) => userOption(node.mspId, node.nodeId, certificateAttributes(node)));
  const users = [...nodes, userOption(DEV_READER.mspId, DEV_READER.name, {})];
  return {
    label: LEDGER_PROCESS,
    program: process.execPath,
    args: [
      require.resolve('@eko/embedded-ledger/main'),
      ...option('directory', layout.ledger),
      ...option('channel', network.channel),
      ...option('chaincode', network.chaincode),
      ...option('host', DEV_HOST),
      ...option('port', String(network.ledgerPort ?? 0)),
      ...option('block-timeout-ms', String(blockTimeoutMs)),
      ...DEV_ORGANISATIONS.flatMap(({ mspId, domain }) => option('organisation', `${mspId}=${domain}`)),
      ...users.flatMap((user) => option('user', user)),
    ],
    env: {},
    logFile: layout.ledgerLog,
    endsWithStarter: true,
    ready: [{ kind: 'prints' }],
  };
}

async function writeProfile(
  file: string,
  { channel, chaincode, ledgerPort }: DevNetworkFile,
  ready: ReadyLine,
  name: string,
): Promise<void> {
  const user = ready.users.find((each) => each.name === name);
  const domain = DEV_ORGANISATIONS.find(({ mspId }) => mspId === user?.mspId)?.domain;
  if (user === undefined || domain === undefined) {
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
