import { initNodeKeys } from '@eko/node-kit';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DevLayout } from './dev-layout';
import type { DevNode } from './network-file';
import { nodeConfiguration } from './node-configuration';
import { writeWhole } from './whole-file';

const TOKEN_BYTES = 32;

/** Makes what a node needs before it starts: keys, a party's token, its data folder, its configuration. What exists is kept. */
export async function prepareNode(layout: DevLayout, node: DevNode): Promise<void> {
  const { keys, data, token, configuration } = layout.node(node.nodeId);
  await mkdir(data, { recursive: true, mode: 0o700 });
  await mkdir(dirname(keys), { recursive: true, mode: 0o700 });
  if (!existsSync(keys)) await initNodeKeys(keys, node);
  if (node.role === 'party' && !existsSync(token)) {
    await writeWhole(token, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`);
  }
  await writeWhole(configuration, `${JSON.stringify(nodeConfiguration(layout, node), undefined, 2)}\n`);
}
