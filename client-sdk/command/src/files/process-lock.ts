import { Type, fits, type Static } from '@eko/protocol/encoding';
import { createHash } from 'node:crypto';
import { open, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '@eko/protocol/node';

/** A process, so named that no other is ever taken for it. */
const Owner = Type.Object({
  /** Where its ID means anything: host and namespace of processes. */
  machine: Type.String(),
  pid: Type.Integer({ minimum: 1 }),
  /** When it started, as its system says it; empty where that is not known. */
  started: Type.String(),
});
type Owner = Static<typeof Owner>;

const ATTEMPTS = 8;
/** A take-over may itself be cut short, and so on; nobody waits for more of them. */
const MOST_CUT_SHORT = 8;
/** What systems and disks say that have no symbolic links, or not for everybody. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * A file that names the process to which something belongs. So a second process is kept out while the first lives, and
 * one that was killed keeps nobody out.
 */
export class ProcessLock {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Takes the lock, also from a process that is no more; nothing where a process has it that lives, or that cannot be
   * seen from here.
   *
   * @throws what the system says of a place that cannot be written
   */
  static async take(path: string): Promise<ProcessLock | undefined> {
    const text = JSON.stringify(await ownerOf(process.pid));
    return (await takeName(path, text, MOST_CUT_SHORT)) ? new ProcessLock(path, text) : undefined;
  }

  /** Who has it, as long as that process lives or cannot be seen from here: a text to compare, and nothing else. */
  static async holder(path: string): Promise<string | undefined> {
    const present = await textOf(path);
    return present === undefined || (await isLeft(present)) ? undefined : present;
  }

  /** Gives it back. */
  async release(): Promise<void> {
    if ((await textOf(this.#path)) === this.#text) await rm(this.#path, { force: true });
  }
}

/**
 * Has a name say who has it. What a dead process left is replaced and never removed, so that the name is free at no
 * moment in between; and only by who has the right to, a name of its own for each such text.
 */
async function takeName(path: string, text: string, cutShort: number): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      await create(path, text);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const left = await textOf(path);
    if (left === undefined) continue;
    if (cutShort === 0 || !(await isLeft(left))) return false;
    const right = join(
      dirname(path),
      `${createHash('sha256').update(basename(path)).update(left).digest('hex')}.lock`,
    );
    if (!(await takeName(right, text, cutShort - 1))) continue;
    if ((await textOf(path)) === left) {
      await rename(right, path);
      return true;
    }
    // Another took its place before.
    await rm(right, { force: true });
  }
  return false;
}

/** The target of a symbolic link is there with its name, all at once, and needs no room on a disk that is full. */
async function create(path: string, text: string): Promise<void> {
  try {
    await symlink(text, path);
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error))) throw error;
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } catch (refusal) {
      // Where the disk is full, an empty one that names nobody would keep everybody out.
      await rm(path, { force: true });
      throw refusal;
    } finally {
      await file.close();
    }
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => readFile(path, 'utf8').catch(() => undefined));
}

/** Whether the process that wrote this is certainly no more. */
async function isLeft(text: string): Promise<boolean> {
  const owner = parseOwner(text);
  if (owner === undefined || owner.machine !== (await machineHere())) return false;
  if (!isRunning(owner.pid)) return true;
  // Systems give the ID of a process that is no more to another.
  const { started } = await ownerOf(owner.pid);
  return started !== '' && owner.started !== '' && started !== owner.started;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return fits(Owner, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function ownerOf(pid: number): Promise<Owner> {
  return { machine: await machineHere(), pid, started: await startOf(pid) };
}

async function machineHere(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`;
}

/** The boot and the clock tick in which a process started; only Linux says so without another program. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const facts = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may have spaces and brackets in it; behind it the start is the 20th.
    const tick = facts.slice(facts.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${boot.trim()} ${tick}`;
  } catch {
    return '';
  }
}
