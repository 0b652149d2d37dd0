/**
 * The node that keeps shares, releases them as the ledger permits, and destroys them when their stream ends.
 *
 * @packageDocumentation
 */
export { WitnessSettings, startWitness } from './start-witness';
export { readReceipts } from './adapters/read-receipts';
export type { SignedReceipt } from './ports/receipt-log';
