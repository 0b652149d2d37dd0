import { EkoError } from '@eko/protocol';
import type { Command } from '../command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

const STANDARD_LINES = 40;
const MOST_BYTES = 1024 * 1024;

/** `eko fabric logs` */
export const fabricLogs: Command = {
  path: ['fabric', 'logs'],
  summary: 'print the last lines of a process’s log, or where all logs are',
  operands: [{ form: '[name]', summary: 'the process, as `eko fabric status` names it' }],
  options: [FABRIC_DIRECTORY_OPTION, { flags: '--lines <count>', summary: 'how many; 40' }],
  examples: ['fabric logs', 'fabric logs peer0.org1', 'fabric logs orderer1 --lines 200'],
  async run(input, terminal) {
    const { openLayout, processNames, requirePlan } = await import('@eko/fabric-network');
    const { lastLogLines } = await import('@eko/process-kit');
    const layout = await openLayout(input.requiredText('directory'));
    const names = processNames(await requirePlan(layout));
    const name = input.operand(0);
    if (name === undefined) {
      const files = names.map((each) => layout.log(each));
      terminal.result({ files }, files);
      return;
    }
    if (!names.includes(name))
      throw new EkoError('NOT_FOUND', `No process ${name.slice(0, 64)}; there are ${names.join(', ')}`);
    const lines = lastLogLines(layout.log(name), input.integer('lines') ?? STANDARD_LINES, MOST_BYTES);
    terminal.result({ name, file: layout.log(name), lines }, lines);
  },
};
