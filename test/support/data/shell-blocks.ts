import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(__dirname, '../../../docs/deploy-fabric.md');
const BLOCK = /(?:(?:<!-- run: (\S+) -->|_(Not run here, [^_]+)_)\n\n)?```sh\n([^]*?)```/g;

/** A block of commands of docs/deploy-fabric.md. */
export interface ShellBlock {
  readonly commands: string;
  /** Under which tests run it. */
  readonly name: string | undefined;
  /** Why nobody does. */
  readonly reason: string | undefined;
}

/** Every block of commands that the page shows. */
export function shellBlocks(): readonly ShellBlock[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(BLOCK)].map(([, name, reason, commands = '']) => ({
    commands,
    name,
    reason,
  }));
}

/** The commands of one block. */
export function commandsNamed(name: string): string {
  const found = shellBlocks().find((block) => block.name === name);
  if (found === undefined) throw new Error(`docs/deploy-fabric.md has no block to run named ${name}`);
  return found.commands;
}
