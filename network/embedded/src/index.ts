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
