import { Type, type Static } from '@eko/protocol/encoding';

/** What went through, as one end counted it. */
export const TransferTotals = Type.Object({
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export type TransferTotals = Static<typeof TransferTotals>;

/** What the command needs of a transfer as a party's REST API shows it; more may be there. */
export const TransferFacts = Type.Object({
  state: Type.String(),
  failure: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
});
export type TransferFacts = Static<typeof TransferFacts>;
