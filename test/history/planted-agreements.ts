import { EVENTS, bundleTermsOf, recomputeAssignment } from '@eko/protocol/ledger';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { acceptanceOf } from '../support/contracts/test-streams';
import { hash } from '../support/data/ledger-facts';
import {
  HOUR_MS,
  acceptanceIn,
  ask,
  askedIn,
  newestOf,
  reassignmentOf,
  requestOf,
  unassigned,
} from './planted-facts';
import type { PlantedViolation } from './planted-violation';
import { needed } from './story';

/** What can be wrong with requests, consents and assignments. */
export const PLANTED_AGREEMENTS: readonly PlantedViolation[] = [
  {
    title: 'an offer that was never made',
    rule: 'wrong-consent',
    plant: (history, { offered }) => {
      askedIn(history, offered.record).offerId = 'generous';
    },
  },
  {
    title: 'an offer that covers less',
    rule: 'wrong-consent',
    plant: (history, { offered }) => {
      ask(history, offered.record, ({ policy }) => (policy.durationSeconds = 2 * 3_600));
    },
  },
  {
    title: 'an offer to others',
    rule: 'wrong-consent',
    plant: (history) => {
      const [offer] = history.transaction(EVENTS.offersChanged).event.payload.node.offers;
      needed(offer).msps = ['Org3MSP'];
    },
  },
  {
    title: 'consent asked for what an offer covers',
    rule: 'wrong-consent',
    plant: (history, { waiting }) => {
      ask(history, waiting, ({ requests }) => (needed(requests[0]).dataType = 'telemetry'));
    },
  },
  {
    title: 'hand-picked dealers under an offer',
    rule: 'wrong-assignment',
    plant: (history, { offered }) => {
      needed(requestOf(history, offered.record).event.payload.assignment).orchestrators.reverse();
    },
  },
  {
    title: 'hand-picked dealers at the acceptance',
    rule: 'wrong-assignment',
    plant: (history, { accepted }) => {
      acceptanceIn(history, accepted.record).event.payload.assignment.orchestrators.reverse();
    },
  },
  {
    title: 'hand-picked dealers after a lease',
    rule: 'wrong-assignment',
    plant: (history) => {
      reassignmentOf(history).event.payload.assignment.orchestrators.reverse();
    },
  },
  {
    title: 'one organisation that has all seats because the others are gone',
    rule: 'wrong-assignment',
    plant: (history, { waiting, cast }) => {
      const [left, gone] = [true, false].map((isLeft) =>
        cast.orchestrators.filter(({ mspId }) => (mspId === 'Org1MSP') === isLeft),
      );
      for (const { nodeId } of needed(gone)) {
        const node = { ...newestOf(history, nodeId), status: 'retired' as const };
        history.append({ name: EVENTS.nodeRetired, payload: { node } });
      }
      const { bundleId, proof } = acceptanceOf(cast.provider, waiting);
      const next = recomputeAssignment({
        ...{ channel: CHANNEL, bundle: waiting, acceptance: { proof }, earlier: [] },
        candidates: needed(left),
      });
      const stamp = { bundleId, txId: '', atUnixMs: 0 };
      history.append({
        name: EVENTS.streamsAccepted,
        payload: {
          acceptance: { ...stamp, by: cast.provider.nodeId, proof },
          assignment: { ...stamp, ...next },
          terms: bundleTermsOf(waiting),
        },
      });
    },
  },
  {
    title: 'a seed of choice',
    rule: 'wrong-assignment',
    plant: (history, { active }) => {
      acceptanceIn(history, active.record).event.payload.assignment.seed = hash('s');
    },
  },
  {
    title: "a consent proved by another's proof",
    rule: 'wrong-assignment',
    plant: (history, { active, accepted }) => {
      const { proof } = acceptanceIn(history, accepted.record).event.payload.acceptance;
      acceptanceIn(history, active.record).event.payload.acceptance.proof = proof;
    },
  },
  {
    title: 'dealers before there is consent',
    rule: 'wrong-assignment',
    plant: (history, { waiting, active }) => {
      requestOf(history, waiting).event.payload.assignment = {
        ...active.assignment,
        bundleId: waiting.bundleId,
      };
    },
  },
  {
    title: 'another holder of the lease before',
    rule: 'wrong-assignment',
    plant: (history, story) => {
      reassignmentOf(history).event.payload.assignment.heldBy = [unassigned(story)];
    },
  },
  {
    title: 'a lease that was cut short',
    rule: 'wrong-time',
    plant: (history, { accepted }) => {
      const transaction = reassignmentOf(history);
      const { timeUnixMs } = acceptanceIn(history, accepted.record);
      transaction.timeUnixMs = timeUnixMs + 1_000;
      transaction.event.payload.assignment.atUnixMs = timeUnixMs + 1_000;
    },
  },
  {
    title: 'a fence that was left out',
    rule: 'wrong-fence',
    plant: (history) => {
      reassignmentOf(history).event.payload.assignment.fence = 2;
    },
  },
  {
    title: 'a lease that a stranger says is over',
    rule: 'act-by-stranger',
    plant: (history, { cast }) => {
      reassignmentOf(history).submitter = history.submitterOf(cast.stranger.nodeId);
    },
  },
  {
    title: 'a longer time than was asked for',
    rule: 'wrong-time',
    plant: (history, { offered }) => {
      askedIn(history, offered.record).notAfterUnixMs += HOUR_MS;
    },
  },
  {
    title: "another policy's hash",
    rule: 'wrong-request',
    plant: (history, { active }) => {
      askedIn(history, active.record).policyHash = hash('p');
    },
  },
  {
    title: "another request's hash",
    rule: 'wrong-request',
    plant: (history, { active }) => {
      needed(askedIn(history, active.record).requests[0]).permissions.push('write');
    },
  },
  {
    title: 'an organisation that is not the provider’s',
    rule: 'wrong-request',
    plant: (history, { active }) => {
      askedIn(history, active.record).providerMsp = 'Org3MSP';
    },
  },
  {
    title: 'a provider that is no party',
    rule: 'wrong-request',
    plant: (history, { waiting }) => {
      ask(history, waiting, ({ policy }) => (policy.provider = 'witness-0'));
    },
  },
  {
    title: 'rosters of another time',
    rule: 'wrong-request',
    plant: (history, { offered }) => {
      askedIn(history, offered.record).rosterVersion -= 1;
    },
  },
  {
    title: 'a quorum that is more than there are',
    rule: 'wrong-request',
    plant: (history, { waiting }) => {
      ask(history, waiting, ({ policy }) => (policy.witnesses.quorum = policy.witnesses.count + 1));
    },
  },
  {
    title: 'one bundle requested twice',
    rule: 'wrong-request',
    plant: (history, { waiting }) => {
      history.append(requestOf(history, waiting).event);
    },
  },
  {
    title: "a request in another's name",
    rule: 'wrong-author',
    plant: (history, { waiting, cast }) => {
      requestOf(history, waiting).submitter = history.submitterOf(cast.stranger.nodeId);
    },
  },
  {
    title: 'a request that its initiator accepts',
    rule: 'wrong-consent',
    plant: (history, { active, cast }) => {
      const transaction = acceptanceIn(history, active.record);
      transaction.event.payload.acceptance.by = cast.initiator.nodeId;
      transaction.submitter = history.submitterOf(cast.initiator.nodeId);
    },
  },
  {
    title: "an acceptance in the provider's name",
    rule: 'wrong-author',
    plant: (history, { active, cast }) => {
      acceptanceIn(history, active.record).submitter = history.submitterOf(cast.initiator.nodeId);
    },
  },
  {
    title: 'other terms told than were requested',
    rule: 'wrong-consent',
    plant: (history, { active }) => {
      acceptanceIn(history, active.record).event.payload.terms.notAfterUnixMs += HOUR_MS;
    },
  },
  {
    title: 'a request that was acknowledged and is not there',
    rule: 'lost-request',
    plant: () => undefined,
    terms: () => ({
      acknowledged: { bundleIds: ['0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e'], unreadable: [] },
    }),
  },
  {
    title: 'an acknowledgement that names no bundle',
    rule: 'lost-request',
    plant: () => undefined,
    terms: () => ({ acknowledged: { bundleIds: [], unreadable: ['acknowledged:1'] } }),
  },
  {
    title: 'an acceptance after the time to answer',
    rule: 'wrong-time',
    plant: (history, { active }) => {
      const bundle = askedIn(history, active.record);
      // Its acceptance may be stamped earlier than the request, by as much as clocks differ.
      bundle.policy.consentSeconds = -10;
    },
  },
  {
    title: 'a witness that nobody of its organisation has vouched for',
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      history.transaction(EVENTS.nodeRegistered, ({ payload }) => payload.node.role === 'witness').submitter =
        history.submitterOf(cast.stranger.nodeId);
      const { event } = history.transaction(
        EVENTS.nodeRegistered,
        ({ payload }) => payload.node.nodeId === cast.stranger.nodeId,
      );
      event.payload.node.role = 'witness';
    },
  },
  {
    title: 'a zone that a witness gives itself',
    rule: 'wrong-node',
    plant: (history) => {
      const { node } = history.transaction(
        EVENTS.nodeRegistered,
        ({ payload }) => payload.node.role === 'witness',
      ).event.payload;
      const moved = { ...node, zone: 'zone-of-choice', keyEpoch: node.keyEpoch + 1 };
      history.append({ name: EVENTS.nodeUpdated, payload: { node: moved } });
    },
  },
];
