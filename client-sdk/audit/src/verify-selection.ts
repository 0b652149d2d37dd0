import { EkoError, parseStreamId } from '@eko/protocol';
import { decodeChannelBlock } from '@eko/sdk/node';
import { ChannelChain, type ChainTerms } from './chain/channel-chain';
import { LedgerHistory } from './ledger-history';
import type { HistoryRule, Violation } from './violation';

/** A draw on the ledger that is what anybody gets from the ledger's other facts. */
export interface VerifiedSelection {
  readonly streamId: string;
  readonly requestTxId: string;
  readonly recordTxId: string;
  readonly orchestrators: readonly string[];
  readonly candidates: readonly string[];
  readonly seed: string;
  /** The witnesses of the stream, and of every other one of its bundle, in draw order. */
  readonly drawn: readonly string[];
}

/** What a draw is verified by. */
export interface SelectionInput extends ChainTerms {
  readonly chaincode: string;
  /** Every block from the first, serialized, as a peer gives them; no more are read than are needed. */
  readonly blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly nowUnixMs: number;
}

/**
 * Draws the witnesses of a stream's bundle again, and all that the draw rests on: its request, consent and assignments.
 * It reads blocks and believes nothing of what a peer says of them: each is checked to be the channel's.
 *
 * @throws EkoError `SELECTION_MISMATCH` saying why, `HISTORY_VIOLATED` for blocks that are not those of the channel,
 *   `NOT_FOUND`, `BAD_STATE` where nothing was drawn yet; whatever `blocks` throws
 * @see docs/protocol.md, "2. The draw"
 */
export async function verifySelection(input: SelectionInput, streamId: string): Promise<VerifiedSelection> {
  const { bundleId } = parseStreamId(streamId);
  const chain = new ChannelChain(input);
  const history = new LedgerHistory(input.channel, input.nowUnixMs);
  for await (const block of input.blocks) {
    if (!chain.accepts(block)) break;
    history.apply(decodeChannelBlock(block, input.chaincode));
    if (history.bundles.get(bundleId)?.dealings !== undefined) break;
  }
  const [forged] = chain.violations;
  if (forged !== undefined)
    throw new EkoError('HISTORY_VIOLATED', `The peer's blocks are not the channel's: ${forged.text}`, {
      details: { rule: forged.rule, blockNumber: String(forged.blockNumber ?? '') },
    });
  return selectionIn(history, streamId);
}

/**
 * The draw of a stream in a history that was read up to it.
 * @throws EkoError as `verifySelection`, but for the blocks
 */
export function selectionIn(history: LedgerHistory, streamId: string): VerifiedSelection {
  const { bundleId, index } = parseStreamId(streamId);
  const found = history.bundles.get(bundleId);
  if (found?.bundle.requests[index] === undefined)
    throw new EkoError('NOT_FOUND', `The channel has no stream ${streamId}`, { details: { streamId } });
  const { bundle, registry, dealings } = found;
  if (dealings === undefined)
    throw new EkoError('BAD_STATE', `No witnesses are drawn for ${streamId} yet`, { details: { streamId } });
  const broken = history.violations.find((violation) => concerns(violation, bundleId));
  if (broken !== undefined)
    throw new EkoError(
      'SELECTION_MISMATCH',
      `The witnesses of ${streamId} do not follow from the ledger: ${broken.text}`,
      { details: { streamId, rule: broken.rule } },
    );
  const { record } = dealings;
  return {
    streamId,
    requestTxId: bundle.requestTxId,
    recordTxId: record.txId,
    orchestrators: record.dealings.map(({ dealer }) => dealer),
    candidates: registry.witnesses.map(({ nodeId }) => nodeId),
    seed: record.selection.seed,
    drawn: record.selection.witnesses,
  };
}

const OF_NO_BUNDLE: readonly HistoryRule[] = [
  'wrong-node',
  'wrong-author',
  'unreadable-fact',
  'unannounced-write',
  'wrong-value',
];

/** What is wrong with the bundle itself, or with a node that it may rest on. */
function concerns({ streamId, rule }: Violation, bundleId: string): boolean {
  if (streamId === undefined) return OF_NO_BUNDLE.includes(rule);
  return streamId.startsWith(bundleId);
}
