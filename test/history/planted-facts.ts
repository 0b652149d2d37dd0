import {
  EVENTS,
  policyHash,
  type Attestation,
  type BundleRecord,
  type Destruction,
  type EndRecord,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { newAttestation } from '@eko/protocol/crypto';
import { CHANNEL } from '../support/contracts/eko-ledger';
import type { PlantedHistory } from './planted-history';
import type { PlantedViolation } from './planted-violation';
import { requestHashOf } from './stamped-event';
import { needed, type Story } from './story';

/** An hour. */
export const HOUR_MS = 3_600_000;

/** The request of a bundle. */
export const requestOf = (history: PlantedHistory, { bundleId }: BundleRecord) =>
  history.transaction(EVENTS.streamsRequested, ({ payload }) => payload.bundle.bundleId === bundleId);
/** What it asks for. */
export const askedIn = (history: PlantedHistory, bundle: BundleRecord) =>
  requestOf(history, bundle).event.payload.bundle;
/** Its acceptance. */
export const acceptanceIn = (history: PlantedHistory, { bundleId }: BundleRecord) =>
  history.transaction(EVENTS.streamsAccepted, ({ payload }) => payload.acceptance.bundleId === bundleId);
/** Its dealings. */
export const dealingsOf = (history: PlantedHistory, { bundleId }: BundleRecord) =>
  history.transaction(EVENTS.dealingsRecorded, ({ payload }) => payload.record.bundleId === bundleId);
/** What they record. */
export const dealtIn = (history: PlantedHistory, bundle: BundleRecord) =>
  dealingsOf(history, bundle).event.payload.record;
/** The one reassignment of the story. */
export const reassignmentOf = (history: PlantedHistory) =>
  history.transaction(EVENTS.orchestratorsReassigned);

/** Asks for something else than was asked, with hashes that fit. */
export function ask(
  history: PlantedHistory,
  bundle: BundleRecord,
  change: (bundle: BundleRecord) => void,
): void {
  const { bundle: planted } = requestOf(history, bundle).event.payload;
  change(planted);
  planted.policyHash = policyHash(planted.policy);
  planted.requestHash = requestHashOf(planted);
  planted.notAfterUnixMs = planted.requestedAtUnixMs + planted.policy.durationSeconds * 1_000;
}

/** A node as the history leaves it. */
export function newestOf({ blocks }: PlantedHistory, nodeId: string): NodeRecord {
  const records = blocks.flatMap(({ transactions }) =>
    transactions.flatMap(({ event }) =>
      event !== undefined && 'node' in event.payload && event.payload.node.nodeId === nodeId
        ? [event.payload.node]
        : [],
    ),
  );
  return needed(records.at(-1));
}

/** An end to be planted. */
export const endOf = (bundle: BundleRecord, change: Partial<EndRecord>) => ({
  name: EVENTS.streamsEnded,
  payload: {
    ends: [
      { bundleId: bundle.bundleId, reason: 'revoked' as const, by: '', txId: '', atUnixMs: 0, ...change },
    ],
  },
});

/** A permit to be planted. */
export const permitOf = ({ bundleId }: BundleRecord, party: string) => ({
  name: EVENTS.releaseAuthorized,
  payload: { permit: { bundleId, epoch: 1, streams: 'all' as const, party, txId: '', atUnixMs: 0 } },
});

/** A signed attestation to be planted. */
export function attestationOf(story: Story, nodeId: string, destruction: Destruction) {
  const statement = { channel: CHANNEL, nodeId, destructions: [destruction] };
  return gatheringOf(nodeId, [newAttestation(statement, story.signerOf(nodeId))]);
}

/** Attestations to be planted, as a node submits them. */
export const gatheringOf = (by: string, attestations: Attestation[]) => ({
  name: EVENTS.destructionAttested,
  payload: { record: { attestations, by, txId: '', atUnixMs: 0 } },
});

/** All of a bundle. */
export const wholeOf = ({ bundleId }: BundleRecord): Destruction => ({ bundleId, epoch: 1, streams: 'all' });

/** An orchestrator that was never assigned to a bundle. */
export function unassigned({ cast, offered }: Story): string {
  const { orchestrators } = offered.assignment;
  return needed(cast.orchestrators.find(({ nodeId }) => !orchestrators.includes(nodeId))).nodeId;
}

/** Judged an hour later. */
export const LATER: NonNullable<PlantedViolation['terms']> = ({ nowUnixMs }) => ({
  nowUnixMs: nowUnixMs + HOUR_MS,
});
