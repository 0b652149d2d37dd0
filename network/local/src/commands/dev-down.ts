import { DIRECTORY_OPTION, type Command } from '@eko/command';

/** `eko dev down` */
export const devDown: Command = {
  path: ['dev', 'down'],
  summary: 'stop the network of a directory; its state is kept',
  options: [DIRECTORY_OPTION],
  examples: ['dev down', 'dev down --directory /tmp/eko', 'dev down --json'],
  async run(input, terminal) {
    const [{ stopRunning }, { DevLayout }] = await Promise.all([
      import('../dev/stop-running.js'),
      import('../dev/dev-layout.js'),
    ]);
    const layout = new DevLayout(input.requiredText('directory'));
    const wasRunning = await stopRunning(layout, terminal.signal);
    terminal.result({ directory: layout.directory, wasRunning }, [
      wasRunning ? 'Stopped; the state is kept for the next start.' : 'Nothing was running.',
    ]);
  },
};
