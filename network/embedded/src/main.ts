import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { ERROR_CODES, EkoError, isEkoError } from '@eko/protocol';
import { parseConfig, type LedgerConfig, type UserConfig } from './config';
import type { ContractClass } from './contracts/contract-host';
import { startEmbeddedLedger, type EmbeddedLedger } from './embedded-ledger';
import { createOrganisation, openIdentity, type Organisation } from '@eko/msp';

/** The process is up: one line on standard output, for whoever started it. */
interface ReadyLine {
  readonly event: 'ready';
  readonly version: string;
  readonly address: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly tlsCaFile: string;
  readonly organisations: readonly { mspId: string; domain: string; folder: string }[];
  readonly users: readonly { mspId: string; name: string; mspFolder: string }[];
}

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new EkoError(
      'INVALID_CONFIG',
      'the embedded ledger is for development: one process holds the keys of all organisations; use a Fabric network',
    );
  }
  const config = parseConfig(process.argv.slice(2));
  const contracts = await loadContracts(config);
  dropShimListeners();
  const directory = resolve(config.directory);
  const organisations: Organisation[] = [];
  for (const { mspId, domain } of config.organisations) {
    organisations.push(await createOrganisation({ directory, mspId, domain }));
  }
  const users = await Promise.all(config.users.map((user) => openUser(organisations, user)));
  const ledger = await startEmbeddedLedger({
    ...config,
    directory: `${directory}/ledger`,
    contracts,
    organisations,
  });
  process.stderr.write(`${ledger.version}\n`);
  closeOnSignal(ledger);
  const ready: ReadyLine = {
    event: 'ready',
    version: ledger.version,
    address: ledger.address,
    channel: config.channel,
    chaincode: config.chaincodeName,
    tlsCaFile: ledger.tlsCaFile,
    organisations: organisations.map(({ mspId, domain, folder }) => ({ mspId, domain, folder })),
    users,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

/** Contracts of EKO, or those of a module that exports `contracts`, required as the shim requires chaincode. */
async function loadContracts({ contractsModule }: LedgerConfig): Promise<readonly ContractClass[]> {
  if (contractsModule === undefined) return (await import('@eko/chaincode')).contracts;
  const module = createRequire(__filename)(resolve(contractsModule)) as {
    contracts?: readonly ContractClass[];
  };
  if (module.contracts === undefined)
    throw new EkoError('INVALID_CONFIG', 'the contracts module exports no `contracts`');
  return module.contracts;
}

async function openUser(
  organisations: readonly Organisation[],
  { mspId, name, role, attributes }: UserConfig,
): Promise<ReadyLine['users'][number]> {
  const organisation = organisations.find((candidate) => candidate.mspId === mspId);
  if (organisation === undefined)
    throw new EkoError('INVALID_CONFIG', `--user names no organisation: ${mspId}`);
  const { mspFolder } = await openIdentity(organisation, { name, role, attributes });
  return { mspId, name, mspFolder };
}

/** The shim keeps a process alive after an uncaught error and logs it; a ledger must stop instead. */
function dropShimListeners(): void {
  process.removeAllListeners('uncaughtException');
  process.removeAllListeners('unhandledRejection');
}

function closeOnSignal(ledger: EmbeddedLedger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void ledger.close().then(() => process.exit(0), fail));
  }
}

/** One line of JSON on standard error, and the exit status of the code. */
function fail(error: unknown): void {
  const known = isEkoError(error)
    ? error
    : new EkoError('INTERNAL', 'the embedded ledger could not start', { cause: error });
  process.stderr.write(`${JSON.stringify({ event: 'failed', ...known.toJSON() })}\n`);
  process.exit(ERROR_CODES[known.code].exit);
}

main().catch(fail);
