export type { ContractClass } from './contracts/contract-host';
export { type NodeRole } from './identity/certificate-authority';
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
export {
  CertificateAuthority,
  type CertificateSubject,
  type KeyPair,
} from './identity/certificate-authority';
export {
  createOrganisation,
  issueIdentity,
  openIdentity,
  type IdentityRequest,
  type IssuedIdentity,
  type Organisation,
  type OrganisationLocation,
} from './identity/organisation';
