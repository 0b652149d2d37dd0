import { EkoError } from '@eko/protocol';
import { resolve } from 'node:path';
import { DevLayout } from './dev-layout';
import type { LedgerChoice } from './plan-network';
import { readNetworkFile } from './network-file';

/**
 * Refuses to put the embedded ledger to production. Whoever starts a network asks here: its processes do not get the
 * environment that says so.
 *
 * @param start - the choice of a ledger; where there is none, the network of `directory` says what it was made on
 * @throws EkoError `INVALID_CONFIG`
 */
export async function refuseProduction(start: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ledger: LedgerChoice | undefined;
  readonly directory?: string;
}): Promise<void> {
  const { env, ledger, directory } = start;
  if (env['NODE_ENV'] !== 'production') return;
  const made = directory === undefined ? undefined : await readNetworkFile(new DevLayout(resolve(directory)));
  const isFabric = ledger === undefined ? made?.fabric !== undefined : ledger.kind === 'fabric';
  if (isFabric) return;
  throw new EkoError(
    'INVALID_CONFIG',
    'NODE_ENV is production, and the embedded ledger is for development: it is one process with the keys of all ' +
      'organisations, so one domain of trust',
    { details: { next: 'take a Fabric network: --ledger fabric; or unset NODE_ENV to try EKO out' } },
  );
}
