import { initNodeKeys } from '@eko/sdk/node';
import { writeWhole } from '@eko/protocol/node';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NodeRole } from '@eko/protocol/ledger';
import type { ProcessPlan } from '../processes/start-process';
import type { DevLayout } from './dev-layout';
import type { DevNode } from './network-file';
import { nodeConfiguration } from './node-configuration';

const TOKEN_BYTES = 32;
/**
 * Loading its code lets V8's space for young objects grow to 16 MB, which a node that then does little keeps for long.
 * With this bound it takes some 8 MB less.
 */
const NODE_OPTIONS = ['--max-semi-space-size=4'];

/** Where a node says whether it is ready, on its operations port. */
export const READY = '/readyz';

/** The built entry point of each kind of node, by the package that exports it. */
const NODE_MAINS: Readonly<Record<NodeRole, string>> = {
  orchestrator: '@eko/orchestrator/main',
  witness: '@eko/witness/main',
  party: '@eko/party/main',
};

/** How a node is started. */
export function nodeProcess(layout: DevLayout, { nodeId, role, operationsPort }: DevNode): ProcessPlan {
  const { configuration, log } = layout.node(nodeId);
  return {
    label: nodeId,
    program: process.execPath,
    args: [...NODE_OPTIONS, require.resolve(NODE_MAINS[role]), '--config', configuration],
    env: {},
    logFile: log,
    endsWithStarter: true,
    ready: [{ kind: 'prints' }, { kind: 'answers', port: operationsPort, path: READY }],
  };
}

/** Makes what a node needs before it starts: keys, a party's token, its data folder, its configuration. What exists is kept. */
export async function prepareNode(layout: DevLayout, node: DevNode): Promise<void> {
  const { keys, data, token, curl, configuration } = layout.node(node.nodeId);
  await mkdir(data, { recursive: true, mode: 0o700 });
  await mkdir(dirname(keys), { recursive: true, mode: 0o700 });
  if (!existsSync(keys)) await initNodeKeys(keys, node);
  if (node.role === 'party') await prepareToken(token, curl);
  await writeWhole(configuration, `${JSON.stringify(nodeConfiguration(layout, node), undefined, 2)}\n`);
}

/** The REST API's token, made once, and the same as a file for `curl -K`. */
async function prepareToken(tokenFile: string, curlFile: string): Promise<void> {
  if (!existsSync(tokenFile)) {
    await writeWhole(tokenFile, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`);
  }
  const token = (await readFile(tokenFile, 'utf8')).trim();
  // The address is this machine's own: a proxy that the environment names has no part in it.
  await writeWhole(curlFile, `header = "authorization: Bearer ${token}"\nnoproxy = "*"\n`);
}
