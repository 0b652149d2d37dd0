import type { DevLedger, DevLedgerOptions } from './dev-ledger';
import { FabricDevLedger } from './fabric-dev-ledger';
import { startEmbeddedLedger } from './start-ledger';

/** The ledger that the network was planned with. */
export function newDevLedger(options: DevLedgerOptions): DevLedger {
  const { layout, network, blockTimeoutMs } = options;
  if (network.fabric !== undefined) return new FabricDevLedger(options, network.fabric.directory);
  return { up: () => startEmbeddedLedger(layout, network, blockTimeoutMs), down: async () => undefined };
}
