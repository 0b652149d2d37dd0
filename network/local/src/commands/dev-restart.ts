import { EkoError } from '@eko/protocol';
import { DIRECTORY_OPTION, type Command } from '@eko/command';

const RESTART_DEADLINE_MS = 60_000;

/** `eko dev restart` */
export const devRestart: Command = {
  path: ['dev', 'restart'],
  summary: 'start one process of the running network again',
  operands: [{ form: '<name>', summary: 'the process, as `eko dev status` names it' }],
  options: [DIRECTORY_OPTION],
  examples: ['dev restart witness-3', 'dev restart ledger', 'dev restart provider --json'],
  async run(input, terminal) {
    const [{ askControl }, { DevLayout }] = await Promise.all([
      import('../dev/control-client.js'),
      import('../dev/dev-layout.js'),
    ]);
    const name = input.requiredOperand(0);
    const layout = new DevLayout(input.requiredText('directory'));
    const processes = await askControl(layout, { act: 'restart', name }, RESTART_DEADLINE_MS);
    if (processes === undefined) {
      throw new EkoError('BAD_STATE', `No network is running in ${layout.directory}: eko dev up starts it`);
    }
    const pid = processes.find((each) => each.name === name)?.pid;
    terminal.result({ name, pid }, [`${name} is ready again`]);
  },
};
