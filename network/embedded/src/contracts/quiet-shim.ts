import { createRequire } from 'node:module';
import shimLoggers from 'fabric-shim/lib/logger';

/** The loggers that the shim and the contract API call for every transaction. */
const SHIM_LOGGERS = [
  'contracts-spi/chaincodefromcontract.js',
  'contracts-spi/datamarshall.js',
  'lib/chaincode.js',
  'lib/iterators.js',
  'lib/stub.js',
] as const;
const CONTRACT_API_LOGGERS = ['./lib/contract.js', './lib/jsontransactionserializer.js'] as const;

/**
 * Silences the shim: it writes every refused transaction to standard output, and formats every debug line whether or
 * not anybody will see it, which costs more than the transaction.
 */
export function quietShim(): void {
  silence(shimLoggers, SHIM_LOGGERS);
  // The copy of the contract API that the shim itself uses, wherever it is installed.
  const requireAsShim = createRequire(require.resolve('fabric-shim'));
  silence(requireAsShim('fabric-contract-api/lib/logger') as typeof shimLoggers, CONTRACT_API_LOGGERS);
}

function silence(loggers: typeof shimLoggers, names: readonly string[]): void {
  for (const name of names) loggers.getLogger(name).silent = true;
}
