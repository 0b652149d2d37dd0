import { resolve } from 'node:path';
import type { CommandInput, CommandOption } from '@eko/command';
import type { LedgerChoice } from '../dev/plan-network';

const DEFAULT_FABRIC = '.eko/fabric';

/** How a command that starts a development network is told which ledger it runs on. */
export const LEDGER_CHOICE_OPTIONS: readonly CommandOption[] = [
  { flags: '--ledger <kind>', summary: 'embedded, or fabric: a native Fabric network (see eko fabric up)' },
  { flags: '--fabric-directory <path>', summary: `the state of that Fabric network; ${DEFAULT_FABRIC}` },
];

/**
 * The chosen ledger; `undefined` where nothing was said.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function ledgerChoiceOf(input: CommandInput): LedgerChoice | undefined {
  const kind = input.oneOf('ledger', ['embedded', 'fabric'] as const);
  const directory = resolve(input.text('fabric-directory') ?? DEFAULT_FABRIC);
  return kind === 'fabric' ? { kind, directory } : kind === undefined ? undefined : { kind };
}

/** The same choice as arguments of another command. */
export function ledgerArguments(choice: LedgerChoice | undefined): readonly string[] {
  if (choice === undefined) return [];
  const { kind } = choice;
  return ['--ledger', kind, ...(kind === 'fabric' ? ['--fabric-directory', choice.directory] : [])];
}
