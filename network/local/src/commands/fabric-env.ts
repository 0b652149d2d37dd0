import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

/** `eko fabric env` */
export const fabricEnv: Command = {
  path: ['fabric', 'env'],
  summary: 'print the variables with which the peer command and Fabric’s samples reach the network',
  operands: [{ form: '[mspId]', summary: 'as an organisation; Org1MSP where it is not given' }],
  options: [FABRIC_DIRECTORY_OPTION],
  examples: ['fabric env', 'fabric env Org2MSP', 'fabric env --json'],
  async run(input, terminal) {
    const { networkEnvironment } = await import('../fabric/network-environment.js');
    const variables = await networkEnvironment(
      input.requiredText('directory'),
      input.operand(0) ?? 'Org1MSP',
    );
    terminal.result(
      variables,
      Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`),
    );
  },
};
