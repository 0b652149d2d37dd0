import { EkoError } from '@eko/protocol';
import { FIRST_EPOCH, type Abandonment, type DealingStatement } from '@eko/protocol/ledger';
import { dealingStatement, holdersOf } from '@eko/protocol/crypto';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import type { HeldDealing, WitnessState } from './witness-state';

/** Dealings of one dealer that may wait for the ledger at a time: a dealer that keeps failing deals again. */
const UNRECORDED_PER_DEALER = 4;
/**
 * Statements of one dealer that are kept under one assignment. The oldest may be the one that convicts it, so none is
 * forgotten; an honest dealer has so many only after failing for many times the usual set-up time.
 */
const ABANDONED_PER_DEALER = 256;

/** What to do with a delivery. */
export type DeliveryDecision =
  /** The very same envelope is held already: acknowledge again. */
  | { readonly kind: 'held'; readonly dealing: HeldDealing }
  /**
   * Verify the dealer's signatures over `statement` and `abandonments`, open, check, store instead of `abandoned` and keep
   * `abandonments`, acknowledge.
   */
  | {
      readonly kind: 'open';
      readonly statement: DealingStatement;
      /** What is held of this dealer and was abandoned by it. */
      readonly abandoned: readonly HeldDealing[];
      /** What the dealer says that it abandoned and this witness has no signed word of yet. */
      readonly abandonments: readonly Abandonment[];
    };

/**
 * Decides whether a delivery may be opened, from the ledger's facts and what is held; the cryptography comes after.
 *
 * @param envelopeHash - base64url SHA-256 of the delivered envelope
 * @throws EkoError `NOT_FOUND`, `STREAM_ENDED`, `FORBIDDEN`, `FENCED`, `ENVELOPE_MISMATCH`, `ENVELOPE_CONFLICT`,
 *   `BAD_STATE`, `RATE_LIMITED`
 * @see docs/protocol.md, "3. Dealing"
 */
export function decideDelivery(input: {
  readonly state: WitnessState | undefined;
  readonly delivery: EnvelopeDelivery;
  readonly envelopeHash: string;
  readonly sender: string;
  readonly nodeId: string;
  readonly channel: string;
}): DeliveryDecision {
  const { state, delivery, envelopeHash, sender, nodeId, channel } = input;
  if (state === undefined)
    throw new EkoError('NOT_FOUND', 'The ledger has no such bundle yet; try again shortly');
  if (state.ended === 'all')
    throw new EkoError('STREAM_ENDED', 'The bundle has ended; its shares are not taken any more');
  // A dealer that is told another code never tries again.
  if (state.assignment.fence < delivery.fence)
    throw new EkoError('NOT_FOUND', 'The assignment has not been seen here yet; try again shortly');
  const { dealing, holders } = delivery;
  if (sender !== dealing.dealer)
    throw new EkoError('FORBIDDEN', 'An envelope is delivered by its dealer only');
  if (!state.assignment.orchestrators.includes(sender)) {
    throw new EkoError('FORBIDDEN', 'The sender is not assigned to deal this bundle');
  }
  const position = holders.indexOf(nodeId, 2);
  const expectedParties = [state.bundle.initiator, state.bundle.policy.provider];
  if (
    position < 2 ||
    delivery.epoch !== FIRST_EPOCH ||
    holders.length !== dealing.envelopes.length ||
    expectedParties.some((party, place) => holders[place] !== party) ||
    dealing.envelopes[position] !== envelopeHash
  ) {
    throw new EkoError(
      'ENVELOPE_MISMATCH',
      'The envelope is not the one that the dealing names for this holder',
    );
  }
  const known = state.held.find((held) => held.dealer === sender && held.dealingId === dealing.dealingId);
  if (known !== undefined) {
    if (known.envelopeHash === envelopeHash) return { kind: 'held', dealing: known };
    throw new EkoError('ENVELOPE_CONFLICT', 'Another envelope was delivered for the same dealing', {
      details: { dealer: sender, dealingId: dealing.dealingId },
    });
  }
  const { abandoned, abandonments } = abandonedBy(state, delivery);
  if (state.record === undefined) {
    if (delivery.fence !== state.assignment.fence) {
      throw new EkoError('FENCED', 'The assignment has changed', {
        details: { fence: state.assignment.fence },
      });
    }
    const given = state.abandoned.filter((kept) => kept.dealer === sender);
    if ([...given, ...abandonments].some(({ dealingId }) => dealingId === dealing.dealingId))
      throw new EkoError('BAD_STATE', 'The dealer has given this dealing up; it can only deal anew');
    const waiting = state.held.filter((held) => held.dealer === sender).length - abandoned.length;
    if (waiting >= UNRECORDED_PER_DEALER || given.length + abandonments.length > ABANDONED_PER_DEALER) {
      throw new EkoError(
        'RATE_LIMITED',
        'Too many dealings of this dealer wait for the ledger or were given up; try again later',
      );
    }
  } else if (
    // What the dealer delivers late follows the draw like what came before: columns are given by the order of holders.
    position !== holdersOf(state.bundle, state.record.selection).indexOf(nodeId) ||
    !state.record.dealings.some(
      (recorded) =>
        recorded.dealer === sender &&
        recorded.dealingId === dealing.dealingId &&
        recorded.sheetHash === dealing.sheetHash &&
        recorded.envelopeHash === envelopeHash,
    )
  ) {
    throw new EkoError('ENVELOPE_MISMATCH', 'The ledger records another dealing of this dealer');
  }
  return {
    kind: 'open',
    abandoned,
    abandonments,
    statement: dealingStatement({
      channel,
      bundle: state.bundle,
      epoch: delivery.epoch,
      fence: delivery.fence,
      holders,
      dealing,
    }),
  };
}

/** What the dealer abandoned with this delivery; what the ledger has recorded cannot be abandoned any more. */
function abandonedBy(
  state: WitnessState,
  { dealing: { dealer }, abandoned: named = [] }: EnvelopeDelivery,
): Pick<Extract<DeliveryDecision, { kind: 'open' }>, 'abandoned' | 'abandonments'> {
  if (state.record !== undefined) return { abandoned: [], abandonments: [] };
  const isOf =
    (dealingId: string) =>
    (other: { readonly dealer: string; readonly dealingId: string }): boolean =>
      other.dealer === dealer && other.dealingId === dealingId;
  const byId = new Map(named.map((abandonment) => [abandonment.dealingId, abandonment]));
  return {
    abandoned: state.held.filter((held) => held.dealer === dealer && byId.has(held.dealingId)),
    abandonments: [...byId.values()].filter(({ dealingId }) => !state.abandoned.some(isOf(dealingId))),
  };
}
