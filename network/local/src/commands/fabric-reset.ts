import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

/** `eko fabric reset` */
export const fabricReset: Command = {
  path: ['fabric', 'reset'],
  summary: 'remove the state of a stopped network, and nothing else',
  options: [FABRIC_DIRECTORY_OPTION],
  examples: ['fabric reset', 'fabric reset --directory /tmp/fabric', 'fabric reset --json'],
  async run(input, terminal) {
    const { resetNetwork } = await import('../fabric/fabric-network.js');
    const directory = input.requiredText('directory');
    await resetNetwork(directory);
    terminal.result({ directory, cleared: true }, [`${directory} is clear`]);
  },
};
