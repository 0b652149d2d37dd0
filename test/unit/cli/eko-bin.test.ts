import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();
const CLI = join(__dirname, '../../../client-sdk/cli');
const { bin } = JSON.parse(readFileSync(join(CLI, 'package.json'), 'utf8')) as { bin: { eko: string } };

describe('the command that npm makes', () => {
  it('is a file that is there before anything is built, and may be run', () => {
    expect(bin.eko.startsWith('dist/')).toBe(false);
    expect(statSync(join(CLI, bin.eko)).mode & 0o111).toBe(0o111);
  });

  it('says what to do where nothing is built', () => {
    const copy = join(newFolder(), bin.eko);
    mkdirSync(dirname(copy));
    cpSync(join(CLI, bin.eko), copy);
    const { status, stdout, stderr } = spawnSync(process.execPath, [copy, '--help'], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect([status, stdout, stderr]).toEqual([78, '', 'eko is not built yet: run npm run build\n']);
  });
});
