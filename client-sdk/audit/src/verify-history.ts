import { decodeChannelBlock, type ChannelBlock } from '@eko/sdk/node';
import { ChannelChain, type ChainReport, type ChainTerms } from './chain/channel-chain';
import { judgeHistory, type JudgedHistory, type JudgedInput } from './judge-history';

/** What a channel is verified by. */
export interface HistoryInput extends Omit<JudgedInput, 'blocks'>, ChainTerms {
  readonly chaincode: string;
  /** Every block from the first, serialized, as a peer gives them. */
  readonly blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What was read of a channel, and every rule that it breaks. */
export interface HistoryReport extends JudgedHistory {
  readonly chain: ChainReport;
}

/**
 * Checks that blocks are those of the channel, whoever gives them, and holds the history in them, and witnesses'
 * receipts, against what EKO promises. Where a block is not the one that is due, the reading ends, and only that is
 * reported: what stands after it says nothing.
 *
 * @throws EkoError whatever `blocks` throws
 */
export async function verifyHistory(input: HistoryInput): Promise<HistoryReport> {
  const chain = new ChannelChain(input);
  const checked = async function* (): AsyncGenerator<ChannelBlock> {
    for await (const block of input.blocks) {
      if (!chain.accepts(block)) return;
      yield decodeChannelBlock(block, input.chaincode);
    }
  };
  const judged = await judgeHistory({ ...input, blocks: checked() });
  const violations = chain.isBroken ? chain.violations : [...chain.violations, ...judged.violations];
  return { ...judged, violations, chain: chain.report };
}
