import { EkoError, LIMITS } from '@eko/protocol';
import { EVENTS, type NodeRecord, type PublishOffer, type WithdrawOffer } from '@eko/protocol/ledger';
import type { Offer } from '@eko/protocol';
import type { Work } from './ledger-port';
import { announced, type OutcomeOf } from './outcome';
import { refuseSecrets, refuseSecretsCutOver, textOf, textsOf } from './public-text';
import { nodeKey } from './state-keys';
import { requireOwnActiveNode } from './submitter-node';

/**
 * Publishes a party's standing consent, or replaces the offer of the same name.
 * @throws EkoError `FORBIDDEN`, `NOT_FOUND`, `BAD_STATE`, `SECRET_IN_METADATA`, `INVALID_ARGUMENT` for an offer that covers
 *   nothing, and beyond the number of offers a node may have
 */
export async function publishOffer(
  { nodeId, offer }: PublishOffer,
  work: Work,
): Promise<OutcomeOf<'publishOffer'>> {
  const node = await requireParty(nodeId, work);
  refuseSecrets([
    ...textOf('offer.offerId', offer.offerId),
    ...textsOf('offer.msps', offer.msps),
    ...textsOf('offer.dataTypes', offer.dataTypes),
    ...textsOf('offer.permissions', offer.permissions),
    ...textsOf('offer.zones', offer.zones),
    ...textsOf('offer.tags', offer.tags),
  ]);
  refuseSecretsCutOver('offer.dataTypes', offer.dataTypes);
  refuseSecretsCutOver('offer.permissions', offer.permissions);
  if (offer.minQuorum > offer.maxWitnesses)
    throw new EkoError(
      'INVALID_ARGUMENT',
      'offer.minQuorum is more than offer.maxWitnesses: it covers nothing',
    );
  const others = node.offers.filter(({ offerId }) => offerId !== offer.offerId);
  if (others.length >= LIMITS.offers)
    throw new EkoError('INVALID_ARGUMENT', `A node has at most ${LIMITS.offers} offers: withdraw one first`, {
      details: { limit: LIMITS.offers },
    });
  const offers = [...others, offer].sort((a, b) => (a.offerId < b.offerId ? -1 : 1));
  return putOffers(node, offers, work);
}

/**
 * Withdraws a standing consent; streams that rest on it go on.
 * @throws EkoError `FORBIDDEN`, `NOT_FOUND`, `BAD_STATE`
 */
export async function withdrawOffer(
  { nodeId, offerId }: WithdrawOffer,
  work: Work,
): Promise<OutcomeOf<'withdrawOffer'>> {
  const node = await requireParty(nodeId, work);
  const offers = node.offers.filter((offer) => offer.offerId !== offerId);
  if (offers.length === node.offers.length)
    throw new EkoError('NOT_FOUND', `Node ${nodeId} has no offer ${offerId}`, {
      details: { nodeId, offerId },
    });
  return putOffers(node, offers, work);
}

async function requireParty(nodeId: string, work: Work): Promise<NodeRecord> {
  const node = await requireOwnActiveNode(work, nodeId);
  if (node.role !== 'party')
    throw new EkoError('FORBIDDEN', `Only parties make offers, and ${nodeId} has the role of ${node.role}`, {
      details: { nodeId, role: node.role },
    });
  return node;
}

async function putOffers(
  node: NodeRecord,
  offers: Offer[],
  { call, ledger }: Work,
): Promise<OutcomeOf<'publishOffer'>> {
  const changed: NodeRecord = { ...node, offers, txId: call.txId };
  await ledger.put(nodeKey(node.nodeId), changed);
  return announced(EVENTS.offersChanged, { node: changed });
}
