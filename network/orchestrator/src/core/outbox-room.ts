import { EkoError } from '@eko/protocol';
import { type BundleTerms } from '@eko/protocol/ledger';
import type { OrchestratorState } from './orchestrator-state';

/** As many as a witness holds shares for one organisation, unless it is told otherwise. */
const MOST_STREAMS = 131_072;
/** What a bundle costs beside its streams, in streams: its record, its files. */
const STREAMS_FOR_BUNDLE = 10;

/**
 * Refuses one more dealing where this node keeps as much for the organisation that asks as it does for one: it keeps what
 * the parties collect until the streams end. That witnesses have room bounds nothing here, for they may be the
 * organisation's own, and so may the provider be whose offer consents.
 *
 * @throws EkoError `STORE_FULL`
 * @see docs/protocol.md, "3. Dealing"
 */
export function requireOutboxRoom(
  kept: Iterable<Pick<OrchestratorState, 'bundle' | 'outbox'>>,
  { initiatorMsp: mspId, streams }: Pick<BundleTerms, 'initiatorMsp' | 'streams'>,
): void {
  let cost = costOf(streams);
  for (const { bundle, outbox } of kept)
    if (outbox.length > 0 && bundle.initiatorMsp === mspId) cost += costOf(bundle.streams);
  if (cost > MOST_STREAMS)
    throw new EkoError(
      'STORE_FULL',
      `No room is left here for dealings of streams that ${mspId} asks for: end some of them`,
      { details: { mspId } },
    );
}

const costOf = (streams: number): number => streams + STREAMS_FOR_BUNDLE;
