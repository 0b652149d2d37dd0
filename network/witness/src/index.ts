/**
 * The node that keeps shares, releases them as the ledger permits, and destroys them when their stream ends.
 *
 * @packageDocumentation
 */
export { WitnessSettings, startWitness } from './start-witness';
export { readReceipts } from './service/stored-receipts';
export type { SignedReceipt } from './service/stored-receipts';
