import {
  EVENTS,
  EkoError,
  TRANSACTIONS,
  parseStreamId,
  recomputeSelection,
  type DealingsRecord,
  type StreamReference,
} from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { RegistryTimeline, type RegistryMoment } from '../history/registry-timeline';

/** A draw as it is on the ledger, and as anybody gets it from the ledger's other facts. */
export interface VerifiedSelection {
  readonly streamId: string;
  readonly requestTxId: string;
  readonly recordTxId: string;
  readonly orchestrators: readonly string[];
  readonly candidates: readonly string[];
  readonly seed: string;
  readonly recorded: readonly string[];
  readonly recomputed: readonly string[];
}

/**
 * Draws a stream's witnesses again, from ledger data alone, and compares them with those on record. The registry is read
 * as it was at the request, from the events up to there, so later changes of nodes do not matter.
 *
 * @throws EkoError `SELECTION_MISMATCH`, `BAD_PROOF`, `NOT_FOUND`, `BAD_STATE` where nothing was drawn yet
 * @see protocol.md section 4
 */
export async function verifySelection(
  ledger: Ledger,
  streamId: string,
  signal: AbortSignal,
): Promise<VerifiedSelection> {
  const stream = parseStreamId(streamId);
  const { bundleId } = stream;
  const view = await ledger.evaluate(TRANSACTIONS.readBundle, { bundleId }, { signal });
  const { bundle, assignments } = view;
  const record = view.dealings.at(-1);
  if (bundle.requests[stream.index] === undefined) {
    throw new EkoError('NOT_FOUND', `Bundle ${bundleId} has ${bundle.requests.length} streams`);
  }
  if (record === undefined) {
    throw new EkoError('BAD_STATE', `No witnesses are drawn for ${streamId} yet`, { details: { streamId } });
  }
  const orchestrators = assignments.find(({ fence }) => fence === record.fence)?.orchestrators ?? [];
  const proved = record.proofs.map(({ orchestrator }) => orchestrator);
  if ([...orchestrators].sort().join() !== [...proved].sort().join()) {
    throw mismatch(streamId, 'the proofs are not those of the assigned orchestrators');
  }
  const then = await registryAtRequest(ledger, bundleId, signal);
  const again = recomputeSelection({
    channel: ledger.channel,
    bundle,
    proofs: record.proofs,
    vrfKey: (orchestrator) => then.vrfKeys.get(orchestrator),
    roster: then.witnesses,
  });
  const recorded = drawnOf(record.selection, stream);
  const recomputed = drawnOf(again, stream);
  if (again.seed !== record.selection.seed || recorded.join() !== recomputed.join()) {
    throw mismatch(streamId, 'another draw is on record');
  }
  return {
    streamId,
    requestTxId: bundle.requestTxId,
    recordTxId: record.txId,
    orchestrators,
    candidates: then.witnesses.map(({ nodeId }) => nodeId),
    seed: again.seed,
    recorded,
    recomputed,
  };
}

/** Who was registered when the bundle was requested, and with which keys. */
async function registryAtRequest(
  ledger: Ledger,
  bundleId: string,
  signal: AbortSignal,
): Promise<RegistryMoment> {
  const registry = new RegistryTimeline();
  const over = new AbortController();
  for await (const event of ledger.events({ signal: AbortSignal.any([signal, over.signal]) })) {
    registry.apply(event);
    if (event.name === EVENTS.streamsRequested && event.payload.bundle.bundleId === bundleId) {
      over.abort();
      break;
    }
  }
  signal.throwIfAborted();
  return registry.now();
}

function drawnOf(
  { witnesses, draws }: DealingsRecord['selection'],
  { index }: StreamReference,
): readonly string[] {
  return (draws[index] ?? []).flatMap((place) => witnesses[place] ?? []);
}

const mismatch = (streamId: string, why: string): EkoError =>
  new EkoError('SELECTION_MISMATCH', `The witnesses of ${streamId} do not follow from the ledger: ${why}`, {
    details: { streamId },
  });
