import { lastLogLine, lastLogLines } from '../../../../network/local/src/processes/last-log-line';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

describe('the last lines of a log', () => {
  it('are none only where there is no log', () => {
    const file = join(newFolder(), 'peer.log');
    expect(lastLogLines(file, 3, 100)).toEqual([]);
    writeFileSync(file, 'one\ntwo\n');
    expect(lastLogLines(file, 3, 100)).toEqual(['one', 'two']);
    expect(() => lastLogLines(join(file, 'below'), 3, 100)).toThrow('ENOTDIR');
    expect(lastLogLine(join(file, 'below'))).toBeUndefined();
  });

  it('are those of the process in question, and of none before it', () => {
    const file = join(newFolder(), 'peer.log');
    writeFileSync(file, 'panic of yesterday\n');
    expect(lastLogLine(file, 19)).toBeUndefined();
    writeFileSync(file, 'today\n', { flag: 'a' });
    expect(lastLogLine(file, 19)).toBe('today');
    expect(lastLogLine(file)).toBe('today');
  });
});
