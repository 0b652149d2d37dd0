import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openTarget } from '../../../../client-sdk/command/src/files/open-target';
import { openSource } from '../../../../client-sdk/command/src/files/open-source';
import { temporaryFolders } from '../../../support/temporary-folder';
import { rejectionOf } from '../../../support/coded-error';

const newFolder = temporaryFolders();

describe('a pipe with nobody at its other end', () => {
  const newPipe = (): string => {
    const pipe = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    return pipe;
  };

  it('is refused as a source, instead of waiting in a way that no signal ends', async () => {
    expect((await rejectionOf(openSource(newPipe()))).code).toBe('INVALID_ARGUMENT');
  });

  it('is refused as a target in the same way', async () => {
    const refused = await rejectionOf(openTarget(newPipe(), () => undefined));
    expect([refused.code, refused.message]).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining('is a pipe that nobody reads'),
    ]);
  });
});
