import type { Command } from '@eko/command';
import { fabricLines } from './fabric-lines';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

/** `eko fabric status` */
export const fabricStatus: Command = {
  path: ['fabric', 'status'],
  summary: 'show which processes of the network run and are ready',
  options: [FABRIC_DIRECTORY_OPTION],
  examples: ['fabric status', 'fabric status --directory /tmp/fabric', 'fabric status --json'],
  async run(input, terminal) {
    const { networkStatus } = await import('../fabric/network-status.js');
    const status = await networkStatus(input.requiredText('directory'));
    terminal.result(status, fabricLines(status));
  },
};
