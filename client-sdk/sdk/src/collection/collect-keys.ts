import { isEkoError } from '@eko/protocol';
import { withDeadline } from '../pacing/deadline';
import { collectOwnDealings } from './collect-own-dealings';
import {
  COLLECTION_BOUNDS,
  type CollectionBounds,
  type CollectionPorts,
  type CollectionSink,
} from './collection-ports';
import { CollectionRun } from './collection-run';
import type { CollectionTask } from './collection-task';

/**
 * Rebuilds the keys of one epoch for the given streams of a bundle: fetches and checks the party's envelope of every
 * dealer, and at the same time gathers shares from a quorum of witnesses, in parallel and hedged. Keys go to the sink
 * one by one, so that one stream's silent witnesses hold up no other stream.
 *
 * @param permitTxId - the activation for the first collection, else a permit of the party's own
 * @throws EkoError `QUORUM_UNAVAILABLE` naming who is silent, `PEER_UNAVAILABLE` naming a dealer, `CANCELLED`;
 *   `ENVELOPE_MISMATCH`, `INVALID_COMMITMENTS`, `BAD_DEALING` naming the dealer at fault
 * @see docs/protocol.md, "4. Release"
 */
export async function collectKeys(
  task: CollectionTask,
  streams: readonly number[],
  permitTxId: string,
  ports: CollectionPorts,
  sink: CollectionSink,
  limits: { readonly bounds?: Partial<CollectionBounds>; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const bounds = { ...COLLECTION_BOUNDS, ...limits.bounds };
  const { deadlineMs } = bounds;
  const { signal } = limits;
  const own = collectOwnDealings(task, ports, bounds, signal, (proof) => {
    sink.accuse(proof);
  });
  const run = new CollectionRun(task, streams, permitTxId, own, ports, sink, bounds);
  try {
    await withDeadline('Collecting keys', { deadlineMs, signal }, (until) => run.finish(until));
  } catch (error) {
    if (!isEkoError(error, 'DEADLINE_EXCEEDED')) throw error;
    // Without the own envelopes no witness could help; their deadline is over too, and they say who is at fault.
    await own;
    throw run.quorumUnavailable(error);
  } finally {
    run.close();
  }
}
