/** What counts where a policy says nothing. @see docs/protocol.md, "1. Request and consent" */
export const POLICY_DEFAULTS = {
  maxConnections: 64,
  /** How long a request waits for the provider's consent. */
  consentSeconds: 600,
} as const;

/** What an offer covers where it says nothing: whatever else a request asks for needs the provider's own answer. */
export const OFFER_DEFAULTS: {
  readonly minDealers: number;
  readonly maxPerOrg: number;
  readonly quorumInOneOrg: boolean;
  readonly witnessesCanVerify: boolean;
  readonly onLedgerLoss: 'close' | 'continue';
  readonly maxConnections: number;
} = {
  minDealers: 2,
  maxPerOrg: 1,
  quorumInOneOrg: false,
  witnessesCanVerify: false,
  onLedgerLoss: 'close',
  maxConnections: POLICY_DEFAULTS.maxConnections,
};
