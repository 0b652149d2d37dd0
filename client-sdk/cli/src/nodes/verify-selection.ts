import { EVENTS, EkoError, TRANSACTIONS, parseStreamId, witnessesOf } from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { checkDraw } from '../history/draw-rule';
import { RegistryTimeline, type RegistryMoment } from '../history/registry-timeline';

/** A draw on the ledger that is what anybody gets from the ledger's other facts. */
export interface VerifiedSelection {
  readonly streamId: string;
  readonly requestTxId: string;
  readonly recordTxId: string;
  readonly orchestrators: readonly string[];
  readonly candidates: readonly string[];
  readonly seed: string;
  /** The stream's witnesses. */
  readonly drawn: readonly string[];
}

/**
 * Draws the witnesses of a stream's bundle again, from ledger data alone, and compares all of the draw with the record.
 * The registry is read as it was at the request, from the events up to there, so later changes of nodes do not matter.
 *
 * @throws EkoError `SELECTION_MISMATCH` saying why, `NOT_FOUND`, `BAD_STATE` where nothing was drawn yet
 * @see docs/protocol.md, "2. The draw"
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
  const assignment = assignments.find(({ fence }) => fence === record.fence);
  const registry = await registryAtRequest(ledger, bundleId, signal);
  const wrong = checkDraw({ channel: ledger.channel, bundle, registry, record, assignment });
  if (wrong !== undefined) {
    throw new EkoError(
      'SELECTION_MISMATCH',
      `The witnesses of ${streamId} do not follow from the ledger: ${wrong}`,
      { details: { streamId } },
    );
  }
  return {
    streamId,
    requestTxId: bundle.requestTxId,
    recordTxId: record.txId,
    orchestrators: assignment?.orchestrators ?? [],
    candidates: registry.witnesses.map(({ nodeId }) => nodeId),
    seed: record.selection.seed,
    drawn: witnessesOf(record.selection, stream.index),
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
