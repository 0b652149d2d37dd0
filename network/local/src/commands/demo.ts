import type { Command } from '@eko/command';
import { LEDGER_CHOICE_OPTIONS, ledgerChoiceOf } from './ledger-choice-options';

/** `eko demo` */
export const demo: Command = {
  path: ['demo'],
  summary: 'show a whole network at work: a file that arrives, a stream taken away, nodes that crash',
  options: [
    { flags: '--file <path>', summary: 'what is moved; without it, the running Node executable' },
    ...LEDGER_CHOICE_OPTIONS,
  ],
  examples: ['demo', 'demo --file scan.dcm', 'demo --ledger fabric', 'demo --json'],
  async run(input, terminal) {
    const { runDemo } = await import('../demo/run-demo.js');
    await runDemo(input.text('file') ?? process.execPath, terminal, ledgerChoiceOf(input));
  },
};
