import { DIRECTORY_OPTION, type Command } from '@eko/command';
import { EkoError } from '@eko/protocol';
import { join } from 'node:path';
import { LEDGER_CHOICE_OPTIONS, ledgerArguments, ledgerChoiceOf } from './ledger-choice-options';

/** The program of a network that is started in the background. */
const NETWORK = join(__dirname, '..', 'main.js');
const RESTART_DEADLINE_MS = 60_000;

/** `eko dev up` */
export const devUp: Command = {
  path: ['dev', 'up'],
  summary:
    'start a ledger, two orchestrators, five witnesses and two parties, until Ctrl-C or `eko dev down`',
  options: [
    DIRECTORY_OPTION,
    ...LEDGER_CHOICE_OPTIONS,
    { flags: '--detach', summary: 'return once it is ready and leave it running' },
  ],
  examples: ['dev up', 'dev up --directory /tmp/eko', 'dev up --ledger fabric', 'dev up --detach --json'],
  async run(input, terminal) {
    const directory = input.requiredText('directory');
    const ledger = ledgerChoiceOf(input);
    const [{ summaryLines, summaryOf }, { refuseProduction }] = await Promise.all([
      import('../dev/dev-summary.js'),
      import('../dev/refuse-production.js'),
    ]);
    await refuseProduction({ env: terminal.env, ledger, directory });
    if (input.flag('detach')) {
      const { startDetached } = await import('../dev/start-detached.js');
      const summary = await startDetached(NETWORK, directory, ledgerArguments(ledger), terminal.signal);
      terminal.result(summary, [...summaryLines(summary), '', 'Stop it with: eko dev down']);
      return;
    }
    const { runDevSession, untilAborted } = await import('../dev/dev-session.js');
    await runDevSession({ directory, ledger, terminal }, async (network, stopped) => {
      const summary = summaryOf(network);
      terminal.result({ ready: true, ...summary }, [...summaryLines(summary), '', 'Ctrl-C stops it.']);
      await untilAborted(stopped);
    });
  },
};

/** `eko dev down` */
export const devDown: Command = {
  path: ['dev', 'down'],
  summary: 'stop the network of a directory; its state is kept',
  options: [DIRECTORY_OPTION],
  examples: ['dev down', 'dev down --directory /tmp/eko', 'dev down --json'],
  async run(input, terminal) {
    const [{ stopNetwork }, { DevLayout }] = await Promise.all([
      import('../dev/stop-network.js'),
      import('../dev/dev-layout.js'),
    ]);
    const layout = new DevLayout(input.requiredText('directory'));
    const wasRunning = await stopNetwork(layout, terminal.signal);
    terminal.result({ directory: layout.directory, wasRunning }, [
      wasRunning ? 'Stopped; the state is kept for the next start.' : 'Nothing was running.',
    ]);
  },
};

/** `eko dev status` */
export const devStatus: Command = {
  path: ['dev', 'status'],
  summary: 'show which processes of the network run and are ready',
  options: [DIRECTORY_OPTION],
  examples: ['dev status', 'dev status --json', 'dev status --directory /tmp/eko'],
  async run(input, terminal) {
    const [{ readStatus }, { DevLayout }, { textTable }] = await Promise.all([
      import('../dev/read-status.js'),
      import('../dev/dev-layout.js'),
      import('@eko/command'),
    ]);
    const status = await readStatus(new DevLayout(input.requiredText('directory')));
    terminal.result(status, [
      status.isRunning ? `running in ${status.directory}` : `not running; state in ${status.directory}`,
      ...textTable([
        ['process', 'role', 'organisation', 'pid', 'state'],
        ...status.processes.map(({ name, role, mspId, pid, state }) => [
          name,
          role,
          mspId,
          pid === undefined ? '-' : String(pid),
          state,
        ]),
      ]),
    ]);
  },
};

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

/** `eko dev reset` */
export const devReset: Command = {
  path: ['dev', 'reset'],
  summary: 'remove the state of a stopped network, and nothing else',
  options: [DIRECTORY_OPTION],
  examples: ['dev reset', 'dev reset --directory /tmp/eko', 'dev reset --json'],
  async run(input, terminal) {
    const [{ clearNetwork }, { DevLayout }] = await Promise.all([
      import('../dev/clear-network.js'),
      import('../dev/dev-layout.js'),
    ]);
    const layout = new DevLayout(input.requiredText('directory'));
    await clearNetwork(layout, terminal.env, terminal.signal);
    terminal.result({ directory: layout.directory, cleared: true }, [`${layout.directory} is clear`]);
  },
};
