import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DevLayout } from '../../../../network/local/src/dev/dev-layout';
import { startDetached } from '../../../../network/local/src/dev/start-detached';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

describe('a network that is started beside', () => {
  /** Starts what does so instead of `eko`, where an earlier network has left its words. */
  const startInstead = (script: string, deadlineMs: number) => {
    const directory = newFolder();
    const layout = new DevLayout(directory);
    mkdirSync(dirname(layout.networkLog), { recursive: true });
    writeFileSync(layout.networkLog, 'words of yesterday\n');
    const eko = join(directory, 'eko.js');
    writeFileSync(eko, script);
    return startDetached(eko, directory, [], new AbortController().signal, deadlineMs);
  };

  it('is not said to have failed where it only was too slow', async () => {
    await expect(startInstead('setInterval(() => {}, 1000)', 100)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('is refused as the command in the background is', async () => {
    const error = { code: 'BAD_STATE', message: 'A network is running'.repeat(30), next: 'stop it first' };
    const script = `console.error(${JSON.stringify(JSON.stringify({ error }))}); process.exit(4)`;
    await expect(startInstead(script, 60_000)).rejects.toMatchObject({
      code: 'BAD_STATE',
      message: error.message,
      details: { next: error.next },
    });
  });

  it('ends with its own words, not with those of an earlier one', async () => {
    await expect(startInstead('process.exit(1)', 60_000)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'The network did not come up: no word',
    });
  });
});
