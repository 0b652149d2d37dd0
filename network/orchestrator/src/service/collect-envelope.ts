import { EkoError } from '@eko/protocol';
import { FIRST_EPOCH } from '@eko/protocol/ledger';
import { type EnvelopeCollection, type EnvelopeDelivery } from '@eko/protocol/rest';
import type { BundleBook } from '@eko/node-kit';
import { type OrchestratorState } from '../core/orchestrator-state';
import type { Outbox } from './outbox';

/** What the mailbox needs. */
export interface CollectEnvelopeDeps {
  readonly nodeId: string;
  readonly book: BundleBook<OrchestratorState>;
  readonly outbox: Outbox;
  /** How long to wait for the ledger event that a request may run ahead of. */
  readonly eventWaitMs: number;
}

/**
 * Gives a holder its own envelope of this node's recorded dealing. Who holds nothing learns nothing: it is told the same
 * as about a bundle that does not exist.
 *
 * @throws EkoError `NOT_FOUND`, `STREAM_ENDED` to a holder, `BAD_STATE` to one once a stream of the bundle has ended,
 *   `CANCELLED`
 * @see docs/protocol.md, "3. Dealing"
 */
export async function collectEnvelope(
  { nodeId, book, outbox, eventWaitMs }: CollectEnvelopeDeps,
  holder: string,
  { bundleId, epoch }: EnvelopeCollection,
  signal: AbortSignal,
): Promise<EnvelopeDelivery> {
  await book.until(() => book.get(bundleId)?.record !== undefined, eventWaitMs, signal);
  const state = book.get(bundleId);
  const dealing = state?.record?.dealings.find(({ dealer }) => dealer === nodeId);
  if (state !== undefined && dealing !== undefined && epoch === FIRST_EPOCH && isHolder(state, holder)) {
    if (state.ended === 'all') throw new EkoError('STREAM_ENDED', 'The bundle has ended');
    const delivery = await outbox.delivery({ bundleId, dealingId: dealing.dealingId }, holder);
    if (delivery !== undefined) return delivery;
    if (state.ended.length > 0)
      throw new EkoError(
        'BAD_STATE',
        'A stream of this bundle has ended, and with it went what its holders had not taken: request the others anew',
      );
  }
  throw new EkoError('NOT_FOUND', 'No envelope waits here for this node');
}

function isHolder({ bundle, record }: OrchestratorState, nodeId: string): boolean {
  return (
    nodeId === bundle.initiator ||
    nodeId === bundle.policy.provider ||
    record?.selection.witnesses.includes(nodeId) === true
  );
}
