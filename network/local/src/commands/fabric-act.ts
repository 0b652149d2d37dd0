import type { ProcessAct } from '../fabric/control-network';
import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

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
