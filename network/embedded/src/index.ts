/**
 * A Fabric gateway peer in one process, which runs the real contracts; and its unit door, by which tests see what a
 * transaction wrote.
 *
 * @packageDocumentation
 */
export type { ContractClass } from './contracts/contract-host';
export {
  ContractHarness,
  createContractHarness,
  type ContractHarnessOptions,
  type HarnessCaller,
  type HarnessIdentity,
  type HarnessIdentityRequest,
  type PreparedTransaction,
} from './harness/contract-harness';
export type { CommitCode, HarnessOutcome } from './harness/harness-outcome';
export { startEmbeddedLedger, type EmbeddedLedger, type EmbeddedLedgerOptions } from './embedded-ledger';
