import { EkoError, LIMITS } from '@eko/protocol';
import { FIRST_EPOCH, type BundleRecord, type EndStream } from '@eko/protocol/ledger';
import { currentAssignment, wasAssigned } from './assignments';
import type { Work } from './ledger-port';
import {
  badState,
  indicesOf,
  isActive,
  isPartyOf,
  refuseEndedBundle,
  refuseEndedStreams,
  refuseLapsed,
} from './lifecycle';
import type { OutcomeOf } from './outcome';
import { refuseSecrets, textOf } from './public-text';
import { readDealings, requireBundle } from './records';
import { requireActiveSubmitter } from './submitter-node';
import { notActive, writeEnds } from './tombstones';

/** One act of ending, with what was read for it. */
interface Attempt {
  readonly argument: EndStream;
  readonly bundle: BundleRecord;
  readonly nodeId: string;
  readonly work: Work;
}

/** Who may end, and when, by reason. Each throws where the answer is no. */
const RULES: Readonly<Record<EndStream['reason'], (attempt: Attempt) => Promise<void>>> = {
  completed: allowCompletion,
  failed: allowFailure,
  expired: allowExpiry,
};

/**
 * Ends a bundle, or single streams of an active one.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `STREAM_ENDED`, `BAD_STATE`, `SECRET_IN_METADATA`
 * @see docs/protocol.md, "6. The end"
 */
export async function endStream(argument: EndStream, work: Work): Promise<OutcomeOf<'endStream'>> {
  const { bundleId, streams, reason, note } = argument;
  refuseSecrets(textOf('note', note));
  const bundle = await requireBundle(work.ledger, bundleId);
  const { nodeId } = await requireActiveSubmitter(work);
  if (streams === 'all') await refuseEndedBundle(work.ledger, bundleId);
  else await refuseEndedStreams(work.ledger, bundleId, indicesOf(bundle, streams));
  await refuseLapsed(work.ledger, bundle, work.call.nowUnixMs);
  await RULES[reason]({ argument, bundle, nodeId, work });
  return writeEnds({ bundle, streams, reason, by: nodeId, note }, work);
}

async function allowCompletion({ bundle, nodeId, work }: Attempt): Promise<void> {
  requireParty(bundle, nodeId);
  if (!(await isActive(work.ledger, bundle.bundleId)))
    throw await notActive(bundle, work, 'only an active stream can be completed');
}

async function allowFailure({ bundle, nodeId, work }: Attempt): Promise<void> {
  if (isPartyOf(bundle, nodeId)) return;
  const assignment = await currentAssignment(work.ledger, bundle.bundleId);
  if (assignment?.orchestrators.includes(nodeId) !== true)
    throw forbidden(bundle, 'the parties and the assigned orchestrators');
  if (await isActive(work.ledger, bundle.bundleId))
    throw badState('active', 'what has been dealt is ended by its parties');
}

async function allowExpiry({ bundle, nodeId, work }: Attempt): Promise<void> {
  const { call, ledger } = work;
  const isParty = isPartyOf(bundle, nodeId);
  const takesPart =
    isParty ||
    (await wasAssigned(ledger, bundle.bundleId, nodeId)) ||
    (await readDealings(ledger, bundle.bundleId, FIRST_EPOCH))?.selection.witnesses.includes(nodeId) === true;
  if (!takesPart) throw forbidden(bundle, 'those who take part in it');
  // Parties may end it anyway. Others cannot bring the end forward by a time that is ahead of the peers' clocks.
  const notBeforeUnixMs = bundle.notAfterUnixMs + (isParty ? 0 : LIMITS.clockSkewMs);
  if (call.nowUnixMs < notBeforeUnixMs)
    throw new EkoError('BAD_STATE', `Bundle ${bundle.bundleId} has not reached its time`, {
      details: { bundleId: bundle.bundleId, notBeforeUnixMs },
    });
}

function requireParty(bundle: BundleRecord, nodeId: string): void {
  if (!isPartyOf(bundle, nodeId)) throw forbidden(bundle, 'its two parties');
}

function forbidden({ bundleId }: BundleRecord, who: string): EkoError {
  return new EkoError('FORBIDDEN', `Only ${who} may end bundle ${bundleId} so`, { details: { bundleId } });
}
