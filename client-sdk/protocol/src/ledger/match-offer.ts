import { OFFER_DEFAULTS, POLICY_DEFAULTS } from './policy-defaults';
import type { Offer } from './schemas/offers';
import type { RequestStreams, StreamPolicy, StreamRequest, WitnessPolicy } from './schemas/streams';

/** An offer with all that it leaves to the defaults. */
type WholeOffer = Offer & typeof OFFER_DEFAULTS;

/** One rule for each field, so that a field which nobody decided about does not compile. */
type Rules<Subject> = {
  readonly [Field in keyof Required<Subject>]: (offer: WholeOffer, subject: Subject) => boolean;
};

const isSubset = (asked: readonly string[] | undefined, allowed: readonly string[] | undefined): boolean =>
  (asked ?? []).every((word) => allowed?.includes(word) === true);

const WITNESS_RULES: Rules<WitnessPolicy> = {
  count: (offer, { count }) => count <= offer.maxWitnesses,
  quorum: (offer, { quorum, maxPerOrg }) =>
    quorum >= offer.minQuorum && (offer.quorumInOneOrg || quorum > maxPerOrg),
  witnessesCanVerify: (offer, { witnessesCanVerify }) => offer.witnessesCanVerify || !witnessesCanVerify,
  maxPerOrg: (offer, { maxPerOrg }) => maxPerOrg <= offer.maxPerOrg,
  zones: (offer, { zones }) => isSubset(zones, offer.zones),
  tags: (offer, { tags }) => isSubset(tags, offer.tags),
  excludePartyMsps: ({ excludePartyMsps: rule }, { excludePartyMsps = false }) =>
    excludePartyMsps ? rule !== undefined : rule !== 'required',
};

const POLICY_RULES: Rules<StreamPolicy> = {
  // The offer is the provider's own.
  provider: () => true,
  durationSeconds: (offer, { durationSeconds }) => durationSeconds <= offer.maxDurationSeconds,
  witnesses: (offer, { witnesses }) => holds(WITNESS_RULES, offer, witnesses),
  dealers: (offer, { dealers }) => dealers >= offer.minDealers,
  onLedgerLoss: (offer, { onLedgerLoss }) => onLedgerLoss === 'close' || offer.onLedgerLoss === 'continue',
  maxConnections: (offer, { maxConnections = POLICY_DEFAULTS.maxConnections }) =>
    maxConnections <= offer.maxConnections,
  // Under an offer nobody waits.
  consentSeconds: () => true,
};

const REQUEST_RULES: Rules<StreamRequest> = {
  dataType: (offer, { dataType }) => offer.dataTypes.includes(dataType),
  permissions: (offer, { permissions }) => isSubset(permissions, offer.permissions),
  // For people: they grant nothing.
  labels: () => true,
};

function holds<Subject>(rules: Rules<Subject>, offer: WholeOffer, subject: Subject): boolean {
  return Object.values<Rules<Subject>[keyof Subject]>(rules).every((rule) => rule(offer, subject));
}

/**
 * The first of a provider's offers, by name, that covers a request of an organisation in full.
 * @see docs/protocol.md, "1. Request and consent"
 */
export function matchOffer(
  offers: readonly Offer[],
  { policy, requests }: Pick<RequestStreams, 'policy' | 'requests'>,
  initiatorMsp: string,
): Offer | undefined {
  return offers.find((named) => {
    const offer = { ...OFFER_DEFAULTS, ...named };
    return (
      offer.msps.includes(initiatorMsp) &&
      holds(POLICY_RULES, offer, policy) &&
      requests.every((request) => holds(REQUEST_RULES, offer, request))
    );
  });
}
