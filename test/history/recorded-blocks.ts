import type { EventName, LedgerEvent } from '@eko/protocol/ledger';
import type { BlockTransaction, ChannelBlock } from '@eko/sdk/node';
import type { RecordedStep } from '../support/contracts/eko-ledger';

const VALID = 0;
/** `TxValidationCode.MVCC_READ_CONFLICT` */
const CONFLICT = 11;

/**
 * What was submitted to the contracts, as the blocks of a channel: refused proposals are in none, and what conflicted is
 * in its block without an effect.
 *
 * @param isCut - whether a block ends after the transaction at that place
 */
export function blocksOf(
  steps: readonly RecordedStep[],
  isCut: (place: number) => boolean,
): readonly ChannelBlock[] {
  const blocks: { number: bigint; transactions: BlockTransaction[] }[] = [];
  let open: { number: bigint; transactions: BlockTransaction[] } | undefined;
  steps.forEach((step, place) => {
    if (step.outcome.error !== undefined || step.outcome.commitCode === undefined) return;
    if (open === undefined) blocks.push((open = { number: BigInt(blocks.length), transactions: [] }));
    open.transactions.push(transactionOf(step, open.number, open.transactions.length));
    if (isCut(place)) open = undefined;
  });
  return blocks;
}

function transactionOf(
  { as, outcome, nowUnixMs }: RecordedStep,
  number: bigint,
  index: number,
): BlockTransaction {
  const { txId, event, writes, commitCode } = outcome;
  const isValid = commitCode === 'VALID';
  return {
    txId,
    index,
    validationCode: isValid ? VALID : CONFLICT,
    timeUnixMs: nowUnixMs,
    submitter: as,
    writes: isValid
      ? writes.map(({ key, value }) => ({ key, value: value === null ? undefined : Buffer.from(value) }))
      : [],
    event:
      isValid && event !== undefined
        ? ({
            name: event.name as EventName,
            payload: JSON.parse(event.payload) as unknown,
            blockNumber: number,
            txId,
          } as LedgerEvent)
        : undefined,
  };
}
