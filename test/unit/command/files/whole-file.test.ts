import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openTarget } from '../../../../client-sdk/command/src/files/open-target';
import { temporaryFolders } from '../../../support/temporary-folder';
import { rejectionOf } from '../../../support/coded-error';
import { describeIf } from '../../../support/skip';

const newFolder = temporaryFolders();
const silent = (): void => undefined;

interface Owner {
  readonly machine: string;
  readonly pid: number;
  readonly started: string;
}

describe('a file that is received', () => {
  let folder: string;
  let file: string;
  let partial: string;
  let lock: string;
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'scan');
    partial = `${file}.partial`;
    lock = `${partial}.lock`;
  });

  /** Who receives into the file, as a reception of this process says it. */
  const ownerHere = async (): Promise<Owner> => {
    const target = await openTarget(file, silent);
    const owner = JSON.parse(readlinkSync(lock)) as Owner;
    await target.drop();
    return owner;
  };
  const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

  it('has its name only when it is whole, and leaves nothing beside it', async () => {
    const target = await openTarget(file, silent);
    await target.write(Buffer.from('all of it'));
    expect(existsSync(file)).toBe(false);
    await target.keep();
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['scan'], 'all of it']);
  });

  it('may have a name as long as the names beside it can be, also behind a process that is no more', async () => {
    const name = 'a'.repeat(255 - '.partial.lock'.length);
    const owner = await ownerHere();
    symlinkSync(JSON.stringify({ ...owner, pid: deadPid() }), join(folder, `${name}.partial.lock`));
    const target = await openTarget(join(folder, name), silent);
    await target.keep();
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('is refused at the beginning where it has no name', async () => {
    expect((await rejectionOf(openTarget('', silent))).code).toBe('INVALID_ARGUMENT');
  });

  it('leaves nothing where it is dropped, and what was there before', async () => {
    writeFileSync(file, 'before');
    const target = await openTarget(file, silent);
    await target.write(Buffer.from('a part'));
    await target.drop();
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['scan'], 'before']);
  });

  it('is received by one at a time: a second is refused, and takes nothing from the first', async () => {
    const first = await openTarget(file, silent);
    await first.write(Buffer.from('of the first'));
    expect(await rejectionOf(openTarget(file, silent))).toMatchObject({
      code: 'BAD_STATE',
      details: { file: lock },
    });
    await first.keep();
    expect(readFileSync(file, 'utf8')).toBe('of the first');
    await (await openTarget(file, silent)).drop();
  });

  it('is begun anew where the process that began it is no more, and that is said', async () => {
    const owner = await ownerHere();
    writeFileSync(partial, 'a part');
    symlinkSync(JSON.stringify({ ...owner, pid: deadPid() }), lock);
    const said: string[] = [];
    const target = await openTarget(file, (text) => said.push(text));
    expect(said).toEqual([expect.stringContaining(`${partial} is there (6 bytes`)]);
    await target.write(Buffer.from('whole'));
    await target.keep();
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['scan'], 'whole']);
  });

  it('is not taken where nobody can see from here whether its process lives', async () => {
    const owner = await ownerHere();
    for (const text of [JSON.stringify({ ...owner, machine: 'elsewhere', pid: deadPid() }), 'scribble']) {
      symlinkSync(text, lock);
      expect((await rejectionOf(openTarget(file, silent))).code).toBe('BAD_STATE');
      expect(readlinkSync(lock)).toBe(text);
      unlinkSync(lock);
    }
  });

  describeIf(existsSync('/proc/self/stat'), 'no /proc', 'whose process has the ID of an earlier one', () => {
    it('is begun anew', async () => {
      const owner = await ownerHere();
      symlinkSync(JSON.stringify({ ...owner, started: 'long ago' }), lock);
      const target = await openTarget(file, silent);
      await target.keep();
      expect(readdirSync(folder)).toEqual(['scan']);
    });
  });

  it('is known by a plain file too, where a disk has no links', async () => {
    const owner = await ownerHere();
    writeFileSync(lock, JSON.stringify(owner));
    expect((await rejectionOf(openTarget(file, silent))).code).toBe('BAD_STATE');
    writeFileSync(lock, JSON.stringify({ ...owner, pid: deadPid() }));
    await (await openTarget(file, silent)).drop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['keep', 'drop'] as const)('touches no file that has come in its place (%s)', async (act) => {
    const target = await openTarget(file, silent);
    await target.write(Buffer.from('own'));
    renameSync(partial, join(folder, 'moved'));
    writeFileSync(partial, "somebody else's");
    if (act === 'keep') expect((await rejectionOf(target.keep())).code).toBe('BAD_STATE');
    await target.drop();
    expect(readFileSync(partial, 'utf8')).toBe("somebody else's");
    expect(readdirSync(folder).sort()).toEqual(['moved', 'scan.partial']);
  });

  it('is a failure where its part was taken away', async () => {
    const target = await openTarget(file, silent);
    unlinkSync(partial);
    expect((await rejectionOf(target.keep())).code).toBe('BAD_STATE');
    await target.drop();
    expect(readdirSync(folder)).toEqual([]);
  });
});
