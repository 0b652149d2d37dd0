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
 * dealer, then gathers shares from a quorum of witnesses, in parallel and hedged. Keys go to the sink one by one, so that
 * one stream's silent witnesses hold up no other stream.
 *
 * @param permitTxId - the activation for the first collection, else a permit of the party's own
 * @throws EkoError `QUORUM_UNAVAILABLE` naming who is silent, `PEER_UNAVAILABLE` naming a dealer, `CANCELLED`;
 *   `ENVELOPE_MISMATCH`, `INVALID_COMMITMENTS`, `BAD_DEALING`, `BAD_SHARE` naming the dealer at fault
 * @see protocol.md section 6
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
  const startedMs = ports.monotonicMs();
  const dealings = await collectOwnDealings(task, ports, bounds, limits.signal);
  const run = new CollectionRun(task, streams, permitTxId, dealings, ports, sink, bounds);
  const remainingMs = Math.max(1, bounds.deadlineMs - (ports.monotonicMs() - startedMs));
  try {
    await withDeadline('Collecting keys', { deadlineMs: remainingMs, signal: limits.signal }, (signal) =>
      run.finish(signal),
    );
  } catch (error) {
    throw isEkoError(error, 'DEADLINE_EXCEEDED') ? run.quorumUnavailable(error) : error;
  } finally {
    run.close();
  }
}
