import { EkoError } from '@eko/protocol';
import { DIRECTORY_OPTION, type Command, type CommandOption } from '@eko/command';
import { FABRIC_DIRECTORY_OPTION } from './fabric-options';

const DEFAULT_LINES = 40;
const MOST_BYTES = 1024 * 1024;

/** Where the processes of a network write. */
interface NetworkLogs {
  readonly names: readonly string[];
  readonly fileOf: (name: string) => string;
}

/** The log command of a network of this machine. */
function logsCommand(network: {
  readonly group: string;
  readonly directory: CommandOption;
  readonly examples: readonly string[];
  /** @throws EkoError `NOT_FOUND` where there is no network */
  readonly open: (directory: string) => Promise<NetworkLogs>;
}): Command {
  const { group } = network;
  return {
    path: [group, 'logs'],
    summary:
      'print the last lines of a process’s log, and what it writes from then on, or where all logs are',
    about: [
      `With --follow it goes on until Ctrl-C, which is its regular end. Nothing here rotates logs; where something else does, or \`eko ${group} reset\` and \`up\` begin them anew, it goes on with the new file of that name, and with a file that was cut from its beginning.`,
    ],
    operands: [{ form: '[name]', summary: `the process, as \`eko ${group} status\` names it` }],
    options: [
      network.directory,
      { flags: '--lines <count>', summary: 'how many; 40' },
      { flags: '--follow', summary: 'print further lines as they are written, until Ctrl-C' },
    ],
    examples: network.examples,
    async run(input, terminal) {
      const { followLog } = await import('../processes/follow-log.js');
      const { lastLogLines } = await import('../processes/last-log-line.js');
      const { pause } = await import('@eko/sdk/node');
      const { names, fileOf } = await network.open(input.requiredText('directory'));
      const name = input.operand(0);
      const isFollowing = input.flag('follow');
      if (name === undefined) {
        if (isFollowing) throw new EkoError('INVALID_ARGUMENT', `--follow takes one of ${names.join(', ')}`);
        const files = names.map(fileOf);
        terminal.result({ files }, files);
        return;
      }
      if (!names.includes(name))
        throw new EkoError('NOT_FOUND', `No process ${name.slice(0, 64)}; there are ${names.join(', ')}`);
      const file = fileOf(name);
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
}

/** `eko fabric logs` */
export const fabricLogs = logsCommand({
  group: 'fabric',
  directory: FABRIC_DIRECTORY_OPTION,
  examples: [
    'fabric logs',
    'fabric logs peer0.org1',
    'fabric logs orderer1 --lines 200',
    'fabric logs peer0.org1 --follow',
  ],
  async open(directory) {
    const [{ openLayout, requirePlan }, { processNames }] = await Promise.all([
      import('../fabric/fabric-network.js'),
      import('../fabric/control-network.js'),
    ]);
    const layout = await openLayout(directory);
    return { names: processNames(await requirePlan(layout)), fileOf: (name) => layout.log(name) };
  },
});

/** `eko dev logs` */
export const devLogs = logsCommand({
  group: 'dev',
  directory: DIRECTORY_OPTION,
  examples: ['dev logs', 'dev logs witness-1', 'dev logs ledger --lines 200', 'dev logs initiator --follow'],
  async open(directory) {
    const [{ DevLayout }, { requireNetworkFile }, { LEDGER_PROCESS }] = await Promise.all([
      import('../dev/dev-layout.js'),
      import('../dev/network-file.js'),
      import('../dev/start-ledger.js'),
    ]);
    const layout = new DevLayout(directory);
    const { fabric, nodes } = await requireNetworkFile(layout);
    return {
      // A native Fabric network has logs of its own.
      names: [...(fabric === undefined ? [LEDGER_PROCESS] : []), ...nodes.map(({ nodeId }) => nodeId)],
      fileOf: (name) => (name === LEDGER_PROCESS ? layout.ledgerLog : layout.node(name).log),
    };
  },
});
