import { Type, type Static } from '@eko/protocol/encoding';
import { strictObject } from '@eko/protocol/ledger';
import { NODE_SETTINGS } from '@eko/node-kit';

const milliseconds = (minimum: number, maximum: number, byDefault: number) =>
  Type.Integer({ minimum, maximum, default: byDefault });

/**
 * The settings of an orchestrator: those of every node, its times in milliseconds, and how much it does at a time.
 *
 * | setting | meaning |
 * | --- | --- |
 * | `leadSilenceMs` | the k-th orchestrator of a bundle leads after k times this without dealings on the ledger |
 * | `attemptMs` | one attempt to lead: proofs, dealings, deliveries |
 * | `retryMs` | pause after the first failed attempt; it grows |
 * | `streamsAtOnce` | streams of the bundles that are led at a time, each bundle counted as 10 streams more than it has |
 * | `setupMs` | an accepted request that is not active by then is ended as failed |
 * | `eventWaitMs` | how long a request may run ahead of its ledger event |
 * | `heartbeatMs` | between two heartbeats of the orchestrators, which take turns |
 * | `gatherMs` | how long an attestation waits here for those of others |
 * | `submitMs` | for a transaction to be committed |
 * | `viewBoundMs` | not ready when the ledger was not seen to advance for so long |
 */
export const OrchestratorSettings = strictObject({
  ...NODE_SETTINGS,
  leadSilenceMs: milliseconds(100, 60_000, 3_000),
  attemptMs: milliseconds(1_000, 120_000, 8_000),
  retryMs: milliseconds(10, 10_000, 300),
  streamsAtOnce: Type.Integer({ minimum: 1, maximum: 100_000, default: 512 }),
  setupMs: milliseconds(1_000, 3_600_000, 60_000),
  eventWaitMs: milliseconds(0, 10_000, 2_000),
  heartbeatMs: milliseconds(100, 60_000, 1_500),
  gatherMs: milliseconds(10, 60_000, 2_000),
  submitMs: milliseconds(1_000, 300_000, 20_000),
  viewBoundMs: milliseconds(500, 120_000, 6_000),
});
export type OrchestratorSettings = Static<typeof OrchestratorSettings>;
