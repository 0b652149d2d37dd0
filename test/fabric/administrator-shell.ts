import { networkEnvironment } from '@eko/local-network';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { commandsNamed } from '../support/data/shell-blocks';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const DEADLINE_MS = 120_000;

/** A shell of one organisation's administrator, in which the page on deploying is followed. */
export class AdministratorShell {
  readonly #folder: string;
  /** Its variables. */
  readonly environment: Readonly<Record<string, string>>;

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.environment = environment;
  }

  /**
   * With what `eko fabric env` prints, and the names that the page assumes.
   *
   * @param folder - where its commands run
   * @param more - variables of their own
   */
  static async of(
    directory: string,
    mspId: string,
    folder: string,
    more: Readonly<Record<string, string>>,
  ): Promise<AdministratorShell> {
    const { FABRIC_BIN = '', PATH = '', HOME = '' } = process.env;
    const path = [join(ROOT, 'node_modules/.bin'), ...(FABRIC_BIN === '' ? [] : [FABRIC_BIN]), PATH].join(
      ':',
    );
    const network = await networkEnvironment(directory, mspId);
    return new AdministratorShell(folder, { PATH: path, HOME, EKO: ROOT, ...network, ...more });
  }

  /** One of its variables. */
  variable(name: string): string {
    const value = this.environment[name];
    if (value === undefined) throw new Error(`the network has no ${name}`);
    return value;
  }

  /** Runs a block of the page and answers what its commands printed. */
  follow(block: string): Promise<string> {
    return this.run(commandsNamed(block));
  }

  /** The program and arguments that run a block of the page, for what does not end by itself. */
  commandFor(block: string): readonly string[] {
    return ['bash', '-euc', commandsNamed(block)];
  }

  /** Runs lines of shell. */
  async run(lines: string): Promise<string> {
    const options = { cwd: this.#folder, env: this.environment, timeout: DEADLINE_MS };
    return (await run('bash', ['-euo', 'pipefail', '-c', lines], options)).stdout;
  }
}
