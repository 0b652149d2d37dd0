import { EkoError } from '@eko/protocol';
import type { Command } from '../command';
import type { HistoryReport } from '../history/verify-history';
import { textTable } from '../terminal/text-table';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

const DEADLINE_MS = 15 * 60_000;
const SETUP_SECONDS = '90';

/** `eko verify history` */
export const verifyHistoryCommand: Command = {
  path: ['verify', 'history'],
  summary: "hold a channel's blocks, and witnesses' receipts, against what EKO promises",
  options: [
    {
      flags: '--receipts <path>',
      summary: 'file of eko node receipts, or folder of such (.jsonl)',
      isList: true,
    },
    {
      flags: '--setup-seconds <seconds>',
      summary: 'longest set-up of an accepted request',
      standard: SETUP_SECONDS,
    },
    {
      flags: '--acknowledged <file>',
      summary: 'bundles whose request was answered, one ID a line: none may be lost',
    },
    ...LEDGER_OPTIONS,
  ],
  examples: [
    'verify history',
    'verify history --profile fabric.json --receipts receipts',
    'verify history --receipts witness-1.jsonl --receipts witness-2.jsonl --json',
  ],
  async run(input, terminal) {
    const profile = await profileOf(input, terminal);
    const [{ verifyHistory }, { readReceiptFiles }, { readAcknowledged }, { readChannelBlocks }] =
      await Promise.all([
        import('../history/verify-history.js'),
        import('../history/receipt-file.js'),
        import('../history/acknowledged-file.js'),
        import('@eko/sdk'),
      ]);
    const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(DEADLINE_MS)]);
    // Receipts first: what they speak of is on the ledger before they are written.
    const receipts = await readReceiptFiles(input.list('receipts'));
    const acknowledged = await readAcknowledged(input.text('acknowledged'));
    const report = await verifyHistory({
      channel: profile.channel,
      blocks: readChannelBlocks(profile, signal),
      receipts,
      acknowledged,
      nowUnixMs: Date.now(),
      setupMs: (input.integer('setup-seconds') ?? 0) * 1000,
    });
    const { violations } = report;
    terminal.result(report, linesOf(report));
    if (violations.length === 0) return;
    throw new EkoError(
      'HISTORY_VIOLATED',
      `The history breaks what EKO promises ${violations.length} times`,
      {
        details: {
          rules: [...new Set(violations.map(({ rule }) => rule))],
          next: 'keep the blocks and receipts: they prove it; the nodes that are named must explain',
        },
      },
    );
  },
};

function linesOf({ channel, ledger, requests, receipts, violations }: HistoryReport): readonly string[] {
  return [
    `Channel ${channel}: ${ledger.blocks} blocks, ${ledger.valid} valid transactions, ${ledger.invalid} invalid`,
    `  requests    ${requests.active} active, ${requests.ended} ended, ${requests.pending.length} pending`,
    ...requests.pending.map((bundleId) => `    pending   ${bundleId}`),
    `  receipts    ${receipts.read} in ${receipts.logs} logs`,
    ...(violations.length === 0
      ? ['The history holds.']
      : textTable([
          ['rule', 'block', 'transaction', 'stream', 'receipt', 'what'],
          ...violations.map(({ rule, blockNumber, txId, streamId, receipt, text }) => [
            rule,
            blockNumber?.toString() ?? '',
            txId ?? '',
            streamId ?? '',
            receipt ?? '',
            text,
          ]),
        ])),
  ];
}
