export { WitnessSettings, startWitness } from './start-witness';
export { readReceipts } from './adapters/read-receipts';
export type { SignedReceipt } from './ports/receipt-log';
