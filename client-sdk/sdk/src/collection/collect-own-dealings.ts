import { EkoError, isEkoError } from '@eko/protocol';
import { disposeOfLeaves } from '@eko/protocol/crypto';
import { EnvelopeDelivery, NODE_ROUTES } from '@eko/protocol/rest';
import { isBundleOver } from '../bundles/stream-status';
import { backoffMs, pause } from '../pacing/backoff';
import { withDeadline } from '../pacing/deadline';
import type { CollectionBounds, CollectionPorts, CollectionSink } from './collection-ports';
import type { CollectionTask } from './collection-task';
import { openOwnDealing, type OwnDealing } from './own-dealing';
import { newWrongSheetProof } from './wrong-sheet-proof';

/**
 * Fetches and opens the party's envelope of every dealer, in parallel; a dealer that does not answer is asked again
 * until the deadline.
 *
 * @param accuse - told the proof against a dealer whose sheet is none, or does not follow the draw
 * @throws EkoError `PEER_UNAVAILABLE` naming the dealer, `STREAM_ENDED`, `CANCELLED`, and those of `openOwnDealing`
 */
export async function collectOwnDealings(
  task: CollectionTask,
  ports: CollectionPorts,
  bounds: CollectionBounds,
  signal: AbortSignal | undefined,
  accuse: CollectionSink['accuse'],
): Promise<readonly OwnDealing[]> {
  const limits = { deadlineMs: bounds.deadlineMs, signal };
  const fetched = await Promise.allSettled(
    task.record.dealings.map(async (dealing) => {
      const { dealer } = dealing;
      let delivery: EnvelopeDelivery;
      try {
        delivery = await withDeadline(`Fetching the envelope of ${dealer}`, limits, (until) =>
          fetchEnvelope(task, dealer, ports, bounds, until),
        );
      } catch (error) {
        throw isEkoError(error, 'DEADLINE_EXCEEDED') ? dealerUnavailable(dealer, error) : error;
      }
      try {
        return openOwnDealing(task, dealing, delivery, ports.keys.kem, ports.primitives);
      } catch (error) {
        // The sheet is the one that the dealer signed for. Of an envelope that does not open there is the party's word only.
        if (isEkoError(error, 'INVALID_COMMITMENTS', 'UNSUPPORTED_VERSION', 'BAD_DEALING'))
          accuse(newWrongSheetProof(task, dealing, delivery.sheet));
        throw error;
      }
    }),
  );
  const opened = fetched.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (opened.length === fetched.length) return opened;
  for (const { leaves } of opened) disposeOfLeaves(leaves);
  throw fetched.find((result) => result.status === 'rejected')?.reason;
}

async function fetchEnvelope(
  task: CollectionTask,
  dealer: string,
  ports: CollectionPorts,
  bounds: CollectionBounds,
  signal: AbortSignal,
): Promise<EnvelopeDelivery> {
  const { bundleId } = task.view.bundle;
  for (let attempt = 1; ; attempt += 1) {
    if (isBundleOver(ports.view()))
      throw new EkoError('STREAM_ENDED', 'The streams ended while their keys were collected');
    try {
      return await ports.peers.call({
        node: ports.node(dealer),
        route: NODE_ROUTES.collectEnvelope,
        body: { bundleId, epoch: task.record.epoch },
        answerSchema: EnvelopeDelivery,
        deadlineMs: bounds.callMs,
        signal,
      });
    } catch (error) {
      if (signal.aborted || !isEkoError(error)) throw error;
      // A dealer answers NOT_FOUND until it has seen its own dealing on the ledger.
      if (error.blame !== 'unavailable' && error.code !== 'NOT_FOUND') throw error;
    }
    await pause(backoffMs(attempt, { firstMs: bounds.retryFirstMs, mostMs: bounds.retryMostMs }), signal);
    signal.throwIfAborted();
  }
}

function dealerUnavailable(dealer: string, cause: unknown): EkoError {
  return new EkoError('PEER_UNAVAILABLE', `Dealer ${dealer} did not hand over its envelope in time`, {
    details: { dealer },
    cause,
  });
}
