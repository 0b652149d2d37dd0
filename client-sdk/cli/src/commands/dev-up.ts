import { join } from 'node:path';
import type { Command } from '../command';
import { DIRECTORY_OPTION } from './directory-option';

const EKO = join(__dirname, '..', 'main.js');

/** `eko dev up` */
export const devUp: Command = {
  path: ['dev', 'up'],
  summary:
    'start a ledger, two orchestrators, five witnesses and two parties, until Ctrl-C or `eko dev down`',
  options: [DIRECTORY_OPTION, { flags: '--detach', summary: 'return once it is ready and leave it running' }],
  examples: ['dev up', 'dev up --directory /tmp/eko', 'dev up --detach --json'],
  async run(input, terminal) {
    const directory = input.requiredText('directory');
    const { summaryLines, summaryOf } = await import('../dev/dev-summary.js');
    if (input.flag('detach')) {
      const { startDetached } = await import('../dev/start-detached.js');
      const summary = await startDetached(EKO, directory, terminal.signal);
      terminal.result(summary, [...summaryLines(summary), '', 'Stop it with: eko dev down']);
      return;
    }
    const { runDevSession, untilAborted } = await import('../dev/dev-session.js');
    await runDevSession({ directory, terminal }, async (network, stopped) => {
      const summary = summaryOf(network);
      terminal.result({ ready: true, ...summary }, [...summaryLines(summary), '', 'Ctrl-C stops it.']);
      await untilAborted(stopped);
    });
  },
};
