import type { ChannelBlock } from '@eko/sdk/node';
import { LedgerHistory, type HistoryCounts } from './ledger-history';
import type { ReceiptFile } from './receipt-file';
import { ReceiptJudge } from './receipt-rules';
import {
  checkSettled,
  type SettledDestructions,
  type SettledStreams,
  type SettledTerms,
} from './settled-rules';
import type { Violation } from './violation';

/** What the history in a channel's blocks is judged by. */
export interface JudgedInput extends SettledTerms {
  readonly channel: string;
  /** Every block from the first. */
  readonly blocks: AsyncIterable<ChannelBlock> | Iterable<ChannelBlock>;
  readonly receipts?: readonly ReceiptFile[];
}

/** What was read of a channel's history, and every rule that it breaks. */
export interface JudgedHistory {
  readonly channel: string;
  readonly ledger: HistoryCounts;
  readonly streams: SettledStreams;
  /** Bundles that are neither active nor ended yet. */
  readonly pending: readonly string[];
  readonly destructions: SettledDestructions;
  readonly receipts: {
    /** Files, in which a log can be whole, in parts, or twice. */
    readonly logs: number;
    /** Receipts, each once. */
    readonly read: number;
    /** How many there are by what witnesses said of them on the ledger. */
    readonly shown: number;
    /** Witnesses that have shown receipts, and of which no file has any. */
    readonly unread: readonly string[];
  };
  readonly violations: readonly Violation[];
}

/**
 * Holds a channel's history, and witnesses' receipts, against the properties that EKO promises, from nothing but what
 * is public. It uses none of the contracts' own code: the order of the blocks decides.
 *
 * @throws EkoError whatever `blocks` throws
 * @see docs/protocol.md, "4. Release", "6. The end" and "What always holds"
 */
export async function judgeHistory(input: JudgedInput): Promise<JudgedHistory> {
  const history = new LedgerHistory(input.channel, input.nowUnixMs);
  for await (const block of input.blocks) history.apply(block);
  const logs = input.receipts ?? [];
  const judge = new ReceiptJudge(history);
  for (const log of logs) await judge.judge(log);
  judge.finish();
  const { streams, destructions, pending, violations } = checkSettled(history, input);
  return {
    channel: input.channel,
    ledger: history.counts,
    streams,
    pending,
    destructions,
    receipts: { logs: logs.length, read: judge.read, shown: history.receipts.count, unread: judge.unread },
    violations: [...history.violations, ...judge.violations, ...violations],
  };
}
