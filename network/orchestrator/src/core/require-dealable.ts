import { EkoError } from '@eko/protocol';
import { FIRST_EPOCH } from '@eko/protocol/ledger';
import { type DealRequest } from '@eko/protocol/rest';
import { type OrchestratorState } from './orchestrator-state';

/** Who asks an orchestrator to take part in a bundle, and what it knows. */
export interface DealingInquiry {
  readonly state: OrchestratorState | undefined;
  readonly fence: number;
  /** Node ID of the caller. */
  readonly sender: string;
  readonly nodeId: string;
  readonly nowUnixMs: number;
}

/**
 * Decides from the ledger's facts whether this node may prove or deal for a caller now.
 *
 * @throws EkoError `NOT_FOUND`, `STREAM_ENDED`, `BAD_STATE`, `FENCED`, `FORBIDDEN`
 * @see docs/protocol.md, "1. Request and consent" and "3. Dealing"
 */
export function requireDealable(inquiry: DealingInquiry): OrchestratorState {
  const { state, fence, sender, nodeId, nowUnixMs } = inquiry;
  if (state === undefined)
    throw new EkoError('NOT_FOUND', 'The ledger has no such bundle yet; try again shortly');
  if (state.ended === 'all') throw new EkoError('STREAM_ENDED', 'The bundle has ended; nothing is dealt');
  if (state.record !== undefined) throw new EkoError('BAD_STATE', 'The bundle has been dealt already');
  if (nowUnixMs >= state.bundle.notAfterUnixMs)
    throw new EkoError('BAD_STATE', 'The time of the bundle is over');
  const { orchestrators, fence: current } = state.assignment;
  if (fence !== current)
    throw new EkoError('FENCED', 'The assignment has changed', { details: { fence: current } });
  if (!orchestrators.includes(sender) || !orchestrators.includes(nodeId))
    throw new EkoError('FORBIDDEN', 'Only the orchestrators of a bundle deal it with each other');
  return state;
}

/**
 * Checks the form of a deal request against the assignment.
 * @throws EkoError `BAD_STATE` for another epoch, `BAD_PROOF` where the proofs are not those of the assigned
 */
export function checkDealRequest(state: OrchestratorState, { epoch, proofs }: DealRequest): void {
  if (epoch !== FIRST_EPOCH)
    throw new EkoError('BAD_STATE', `This version deals epoch ${FIRST_EPOCH} only, not ${epoch}`);
  const { orchestrators } = state.assignment;
  const strange = orchestrators.find((nodeId, place) => proofs[place]?.orchestrator !== nodeId);
  if (strange !== undefined || proofs.length !== orchestrators.length) {
    throw new EkoError(
      'BAD_PROOF',
      'The proofs must be those of the assigned orchestrators, in their order',
      {
        details: { orchestrator: strange ?? proofs[orchestrators.length]?.orchestrator ?? '' },
      },
    );
  }
}
