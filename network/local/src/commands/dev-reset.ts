import { DIRECTORY_OPTION, type Command } from '@eko/command';

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
    await clearNetwork(layout, terminal.env);
    terminal.result({ directory: layout.directory, cleared: true }, [`${layout.directory} is clear`]);
  },
};
