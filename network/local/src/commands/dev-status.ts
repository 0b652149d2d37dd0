import { DIRECTORY_OPTION, type Command } from '@eko/command';

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
