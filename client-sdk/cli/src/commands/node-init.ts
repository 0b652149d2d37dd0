import type { Command } from '@eko/command';
import { NODE_OPTIONS, nodeOf } from './node-options';

/** `eko node init` */
export const nodeInit: Command = {
  path: ['node', 'init'],
  summary: "make a node's keys, once",
  operands: [{ form: '<nodeId>', summary: 'its name on the channel: lower case, digits, dots and dashes' }],
  options: NODE_OPTIONS,
  examples: [
    'node init witness-7 --role witness --keys /etc/eko/witness-7/keys',
    'node init orchestrator-3 --role orchestrator --keys keys',
    'node init clinic --role party --keys keys --json',
  ],
  async run(input, terminal) {
    const { nodeId, role, keysDirectory } = nodeOf(input);
    const { initNodeKeys } = await import('@eko/sdk/node');
    await initNodeKeys(keysDirectory, { nodeId, role });
    terminal.result({ nodeId, role, keysDirectory }, [
      `The keys of ${role} ${nodeId} are in ${keysDirectory}, readable for you alone.`,
      `Register it with: eko node register ${nodeId} --role ${role} --keys ${keysDirectory}`,
    ]);
  },
};
