import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION, networkOptionsOf } from './fabric-options';

/** `eko fabric deploy` */
export const fabricDeploy: Command = {
  path: ['fabric', 'deploy'],
  summary: 'commit the chaincode, as it is built now, under the next sequence, without a pause',
  options: [FABRIC_DIRECTORY_OPTION],
  examples: ['fabric deploy', 'fabric deploy --directory /tmp/fabric', 'fabric deploy --json'],
  async run(input, terminal) {
    const { deployNetworkChaincode } = await import('../fabric/fabric-network.js');
    const release = await deployNetworkChaincode(networkOptionsOf(input, terminal));
    terminal.result({ release }, [`Release ${release} of the chaincode serves every channel.`]);
  },
};
