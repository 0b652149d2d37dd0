import { join } from 'node:path';
import { DIRECTORY_OPTION, type Command } from '@eko/command';
import { LEDGER_CHOICE_OPTIONS, ledgerArguments, ledgerChoiceOf } from './ledger-choice-options';

const NETWORK = join(__dirname, '..', 'main.js');

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
