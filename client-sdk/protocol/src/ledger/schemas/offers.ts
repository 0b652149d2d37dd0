import { distinctArray } from './distinct-array';
import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../../limits';
import { MspId, NodeId, Permission, ShortText, strictObject } from './scalars';
import { MaxConnections, OnLedgerLoss } from './streams';

const witnessCount = Type.Integer({ minimum: 1, maximum: LIMITS.witnesses });
const words = distinctArray(ShortText, { minItems: 1, maxItems: LIMITS.tags });

/**
 * A provider's standing consent. It binds all that a request leaves open: what it does not name, and `OFFER_DEFAULTS`
 * does not give, needs the provider's own answer.
 *
 * @see docs/protocol.md, "1. Request and consent"
 */
export const Offer = strictObject({
  offerId: NodeId,
  dataTypes: distinctArray(ShortText, { minItems: 1, maxItems: LIMITS.dataTypesPerOffer }),
  /** What a request may ask for. */
  permissions: distinctArray(Permission, { minItems: 1, maxItems: LIMITS.permissions }),
  maxDurationSeconds: Type.Integer({
    minimum: LIMITS.durationSecondsMin,
    maximum: LIMITS.durationSecondsMax,
  }),
  /** The organisations whose parties may ask. */
  msps: distinctArray(MspId, { minItems: 1, maxItems: LIMITS.msps }),
  minQuorum: witnessCount,
  maxWitnesses: witnessCount,
  /** Fewest dealers: more than the organisations that might work together. */
  minDealers: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.dealers })),
  /** Most witnesses of one organisation. */
  maxPerOrg: Type.Optional(witnessCount),
  /** Whether `maxPerOrg` may reach the quorum, so that one organisation alone could release. */
  quorumInOneOrg: Type.Optional(Type.Boolean()),
  /** The zones and tags that a request may narrow the draw to. */
  zones: Type.Optional(words),
  tags: Type.Optional(words),
  /** Whether a request may, or must, leave out the witnesses of the parties' own organisations. */
  excludePartyMsps: Type.Optional(Type.Union([Type.Literal('allowed'), Type.Literal('required')])),
  /** Whether a request may let quorum + 1 witnesses verify a contribution. */
  witnessesCanVerify: Type.Optional(Type.Boolean()),
  /** `continue` lets a request choose; `close` does not. */
  onLedgerLoss: Type.Optional(OnLedgerLoss),
  maxConnections: Type.Optional(MaxConnections),
});
export type Offer = Static<typeof Offer>;
