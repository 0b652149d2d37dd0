import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

describe('the lists of planted bugs', () => {
  it('name files, lines and tests that there are', () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['test/planted/run.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ stderr, status, stdout }).toEqual({
      stderr: '',
      status: 0,
      stdout: expect.stringMatching(/^(\d+) of \1 bugs can be planted\n$/) as string,
    });
  });
});
