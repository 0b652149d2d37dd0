import { EkoError } from '@eko/protocol';
import type { Command } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

const DEFAULT_LINES = 40;
const MOST_BYTES = 1024 * 1024;

/** `eko fabric logs` */
export const fabricLogs: Command = {
  path: ['fabric', 'logs'],
  summary: 'print the last lines of a process’s log, and what it writes from then on, or where all logs are',
  about: [
    'With --follow it goes on until Ctrl-C, which is its regular end. Nothing here rotates logs; where something else does, or `eko fabric reset` and `up` begin them anew, it goes on with the new file of that name, and with a file that was cut from its beginning.',
  ],
  operands: [{ form: '[name]', summary: 'the process, as `eko fabric status` names it' }],
  options: [
    FABRIC_DIRECTORY_OPTION,
    { flags: '--lines <count>', summary: 'how many; 40' },
    { flags: '--follow', summary: 'print further lines as they are written, until Ctrl-C' },
  ],
  examples: [
    'fabric logs',
    'fabric logs peer0.org1',
    'fabric logs orderer1 --lines 200',
    'fabric logs peer0.org1 --follow',
  ],
  async run(input, terminal) {
    const [{ openLayout, requirePlan }, { processNames }] = await Promise.all([
      import('../fabric/fabric-network.js'),
      import('../fabric/control-network.js'),
    ]);
    const { followLog } = await import('../processes/follow-log.js');
    const { lastLogLines } = await import('../processes/last-log-line.js');
    const { pause } = await import('@eko/sdk/node');
    const layout = await openLayout(input.requiredText('directory'));
    const names = processNames(await requirePlan(layout));
    const name = input.operand(0);
    const isFollowing = input.flag('follow');
    if (name === undefined) {
      if (isFollowing) throw new EkoError('INVALID_ARGUMENT', `--follow takes one of ${names.join(', ')}`);
      const files = names.map((each) => layout.log(each));
      terminal.result({ files }, files);
      return;
    }
    if (!names.includes(name))
      throw new EkoError('NOT_FOUND', `No process ${name.slice(0, 64)}; there are ${names.join(', ')}`);
    const file = layout.log(name);
    const count = input.integer('lines') ?? DEFAULT_LINES;
    if (isFollowing) {
      const log = { file, count, tailBytes: MOST_BYTES, pause };
      for await (const line of followLog(log, terminal.signal)) terminal.result({ name, line }, [line]);
      return;
    }
    const lines = lastLogLines(file, count, MOST_BYTES);
    terminal.result({ name, file, lines }, lines);
  },
};
