import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

/** `eko fabric down` */
export const fabricDown: Command = {
  path: ['fabric', 'down'],
  summary: 'stop every process of the network; its state is kept',
  options: [FABRIC_DIRECTORY_OPTION],
  examples: ['fabric down', 'fabric down --directory /tmp/fabric', 'fabric down --json'],
  async run(input, terminal) {
    const { downNetwork } = await import('../fabric/fabric-network.js');
    const directory = input.requiredText('directory');
    const stopped = await downNetwork(directory);
    terminal.result({ directory, stopped }, [
      stopped.length === 0
        ? 'Nothing was running.'
        : `Stopped ${stopped.length} processes; the state is kept for the next start.`,
    ]);
  },
};
