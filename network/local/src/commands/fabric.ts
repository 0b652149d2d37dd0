import { textTable, type Command } from '@eko/command';
import type { ProcessAct } from '../fabric/control-network';
import type { FabricStatus } from '../fabric/network-status';
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

function actCommand(act: ProcessAct, summary: string, done: string): Command {
  return {
    path: ['fabric', act],
    summary,
    operands: [{ form: '<name>', summary: 'the process, as `eko fabric status` names it' }],
    options: [FABRIC_DIRECTORY_OPTION],
    examples: [`fabric ${act} peer0.org2`, `fabric ${act} orderer1`, `fabric ${act} chaincode.peer0.org1`],
    async run(input, terminal) {
      const { actOnProcess } = await import('../fabric/control-network.js');
      const name = input.requiredOperand(0);
      const pid = await actOnProcess(input.requiredText('directory'), name, act);
      terminal.result({ name, pid, act }, [`${name} (process ${pid}) ${done}`]);
    },
  };
}

/** `eko fabric kill` */
export const fabricKill = actCommand(
  'kill',
  'end one process as a crash would; `eko fabric up` starts it again',
  'was killed',
);

/** `eko fabric pause` */
export const fabricPause = actCommand(
  'pause',
  'stop one process where it is, until it is resumed',
  'is paused',
);

/** `eko fabric resume` */
export const fabricResume = actCommand('resume', 'let a paused process go on', 'goes on');

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

/** A native Fabric network for people. */
function fabricLines({ directory, plan, isReady, processes }: FabricStatus): readonly string[] {
  const { fabric, consensus, channels, blockTimeoutMs, maxMessageCount, endorsementPolicy } = plan;
  return [
    `Fabric ${fabric} (${consensus}) in ${directory}: ${isReady ? 'ready' : 'not ready'}`,
    `channels ${channels.join(', ')}; a block after ${blockTimeoutMs} ms or ${maxMessageCount} transactions; ` +
      `endorsed by ${endorsementPolicy ?? 'a majority of organisations'}`,
    ...textTable([
      ['process', 'organisation', 'pid', 'state', 'health and metrics'],
      ...processes.map(({ name, mspId, pid, state, operations }) => [
        name,
        mspId,
        pid === undefined ? '-' : String(pid),
        state,
        operations ?? '-',
      ]),
    ]),
  ];
}
