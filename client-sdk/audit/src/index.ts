/**
 * What an auditor runs: the blocks of a channel are checked as they are signed, and held, with the receipts of witnesses,
 * against what EKO promises; a draw is done again. It depends on neither node nor ledger.
 *
 * @packageDocumentation
 */
export { readAcknowledged } from './acknowledged-file';
export { findReceiptFiles, writeReceipts } from './receipt-file';
export { verifyHistory } from './verify-history';
export type { HistoryReport } from './verify-history';
export { verifySelection } from './verify-selection';
