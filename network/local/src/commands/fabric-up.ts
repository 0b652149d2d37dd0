import type { Command } from '@eko/command';
import { fabricLines } from './fabric-lines';
import {
  FABRIC_CHOICE_OPTIONS,
  FABRIC_DIRECTORY_OPTION,
  fabricChoicesOf,
  networkOptionsOf,
} from './fabric-options';

/** `eko fabric up` */
export const fabricUp: Command = {
  path: ['fabric', 'up'],
  summary: 'bring up orderers, peers, channels and the chaincode, or what of them does not run',
  options: [FABRIC_DIRECTORY_OPTION, ...FABRIC_CHOICE_OPTIONS],
  examples: [
    'fabric up',
    'fabric up --consensus bft --organisations 2',
    'fabric up --block-timeout-ms 10 --channel eko --channel revocations',
  ],
  async run(input, terminal) {
    const [{ networkStatus }, { upNetwork }] = await Promise.all([
      import('../fabric/network-status.js'),
      import('../fabric/fabric-network.js'),
    ]);
    const options = networkOptionsOf(input, terminal);
    await upNetwork(options, fabricChoicesOf(input));
    const status = await networkStatus(options.directory);
    terminal.result(status, [...fabricLines(status), '', 'Stop it with: eko fabric down']);
  },
};
