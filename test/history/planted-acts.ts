import { newAttestation } from '@eko/protocol/crypto';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { LIMITS } from '@eko/protocol';
import { EVENTS } from '@eko/protocol/ledger';
import { hash } from '../support/data/ledger-facts';
import {
  HOUR_MS,
  LATER,
  acceptanceIn,
  attestationOf,
  gatheringOf,
  dealingsOf,
  dealtIn,
  endOf,
  permitOf,
  unassigned,
  wholeOf,
} from './planted-facts';
import type { PlantedViolation } from './planted-violation';
import { needed } from './story';

/** What can be wrong with what is done to streams. */
export const PLANTED_ACTS: readonly PlantedViolation[] = [
  {
    title: 'dealings before consent',
    rule: 'act-out-of-order',
    plant: (history, { active }) => {
      history.remove(acceptanceIn(history, active.record).txId);
    },
  },
  {
    title: 'dealings recorded by who is not assigned',
    rule: 'act-by-stranger',
    plant: (history, story) => {
      const transaction = dealingsOf(history, story.offered.record);
      transaction.event.payload.record.by = unassigned(story);
      transaction.submitter = history.submitterOf(unassigned(story));
    },
  },
  {
    title: 'dealings of an assignment that was replaced',
    rule: 'wrong-fence',
    plant: (history, { accepted }) => {
      dealtIn(history, accepted.record).fence = 0;
    },
  },
  {
    title: 'dealings after the set-up limit',
    rule: 'wrong-time',
    plant: (history, { active }) => {
      const transaction = dealingsOf(history, active.record);
      transaction.timeUnixMs += LIMITS.setupLimitMs;
      transaction.event.payload.record.atUnixMs = transaction.timeUnixMs;
    },
    terms: LATER,
  },
  {
    title: 'a sheet that the dealer has not signed',
    rule: 'wrong-signature',
    plant: (history, { offered }) => {
      needed(dealtIn(history, offered.record).dealings[0]).sheetHash = hash('z');
    },
  },
  {
    title: 'hand-picked witnesses',
    rule: 'wrong-draw',
    plant: (history, { offered }) => {
      dealtIn(history, offered.record).selection.witnesses.reverse();
    },
  },
  {
    title: 'a draw by the proofs of another bundle',
    rule: 'wrong-draw',
    plant: (history, { offered, active }) => {
      const { proofs } = dealtIn(history, active.record);
      dealtIn(history, offered.record).proofs = proofs;
    },
  },
  {
    title: 'a permit after the end',
    rule: 'act-after-end',
    plant: (history, { accepted, cast }) => {
      history.append(permitOf(accepted.record, cast.initiator.nodeId));
    },
  },
  {
    title: 'a permit for a stranger',
    rule: 'act-by-stranger',
    plant: (history, { active, cast }) => {
      history.append(permitOf(active.record, cast.stranger.nodeId));
    },
  },
  {
    title: "a permit when the stream's time is over",
    rule: 'wrong-time',
    plant: (history, { active, cast }) => {
      history.appendBy(cast.provider.nodeId, permitOf(active.record, cast.provider.nodeId), HOUR_MS);
    },
    terms: LATER,
  },
  {
    title: 'a permit before what was dealt',
    rule: 'wrong-time',
    plant: (history, { active, cast }) => {
      history.appendBy(cast.provider.nodeId, permitOf(active.record, cast.provider.nodeId), -HOUR_MS);
    },
  },
  {
    title: 'a revocation by a stranger',
    rule: 'wrong-end',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { by: cast.stranger.nodeId }));
    },
  },
  {
    title: "a revocation in a party's name",
    rule: 'wrong-author',
    plant: (history, { active, cast }) => {
      history.appendBy(cast.stranger.nodeId, endOf(active.record, { by: cast.initiator.nodeId }));
    },
  },
  {
    title: 'a revocation by the administrator of a third organisation',
    rule: 'wrong-end',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { by: 'admin:Org3MSP' }));
      const last = needed(history.blocks.at(-1)?.transactions[0]);
      last.submitter = needed(cast.admins.get('Org3MSP'));
    },
  },
  {
    title: "a client that acts as its organisation's administrator",
    rule: 'wrong-author',
    plant: (history, { active, cast }) => {
      history.appendBy(cast.initiator.nodeId, endOf(active.record, { by: 'admin:Org1MSP' }));
    },
  },
  {
    title: 'a completion by a dealer',
    rule: 'wrong-end',
    plant: (history, { active }) => {
      history.append(endOf(active.record, { reason: 'completed', by: active.dealt.by }));
    },
  },
  {
    title: 'a failure that a dealer finds in what was dealt',
    rule: 'wrong-end',
    plant: (history, { active }) => {
      history.append(endOf(active.record, { reason: 'failed', by: active.dealt.by }));
    },
  },
  {
    title: 'an expiry before its time',
    rule: 'wrong-end',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { reason: 'expired', by: cast.initiator.nodeId }));
    },
  },
  {
    title: 'an expiry by a dealer that lets the parties no time',
    rule: 'wrong-end',
    plant: (history, { active }) => {
      const afterMs = active.record.notAfterUnixMs - history.newestUnixMs + 1_000;
      history.appendBy(
        active.dealt.by,
        endOf(active.record, { reason: 'expired', by: active.dealt.by }),
        afterMs,
      );
    },
    terms: LATER,
  },
  {
    title: 'what was accepted and is declined',
    rule: 'wrong-end',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { reason: 'declined', by: cast.provider.nodeId }));
    },
  },
  {
    title: 'an end of what had lapsed',
    rule: 'wrong-end',
    plant: (history, { waiting, cast }) => {
      const { nodeId } = cast.initiator;
      history.appendBy(nodeId, endOf(waiting, { reason: 'failed', by: nodeId }), HOUR_MS);
    },
    terms: LATER,
  },
  {
    title: 'a second end',
    rule: 'act-after-end',
    plant: (history, { declined, cast }) => {
      history.append(endOf(declined, { by: cast.provider.nodeId }));
    },
  },
  {
    title: 'one stream that ends before any was dealt',
    rule: 'act-out-of-order',
    plant: (history, { waiting, cast }) => {
      history.append(endOf(waiting, { by: cast.initiator.nodeId, index: 0 }));
    },
  },
  {
    title: 'a destruction that who held nothing attests',
    rule: 'attestation-by-stranger',
    plant: (history, story) => {
      history.append(
        attestationOf(story, unassigned(story), { ...wholeOf(story.offered.record), streams: [0] }),
      );
    },
  },
  {
    title: 'a destruction before the end',
    rule: 'act-out-of-order',
    plant: (history, story) => {
      history.append(attestationOf(story, story.cast.provider.nodeId, wholeOf(story.active.record)));
    },
  },
  {
    title: 'a destruction that is signed by somebody else',
    rule: 'wrong-signature',
    plant: (history) => {
      const transaction = history.transaction(EVENTS.destructionAttested);
      needed(transaction.event.payload.record.attestations[0]).signature = `${'g'.repeat(85)}A`;
    },
  },
  {
    title: 'a destruction that who gathers it signs for another',
    rule: 'wrong-signature',
    plant: (history, story) => {
      const by = needed(story.accepted.assignment.orchestrators[0]);
      const destructions = [wholeOf(story.accepted.record)];
      const statement = { channel: CHANNEL, nodeId: story.cast.provider.nodeId, destructions };
      history.append(gatheringOf(by, [newAttestation(statement, story.signerOf(by))]));
    },
  },
  {
    title: 'destructions that somebody submits who takes no part',
    rule: 'act-by-stranger',
    plant: (history, story) => {
      const { provider, stranger } = story.cast;
      const { event } = history.transaction(EVENTS.destructionAttested);
      const [attestation] = event.payload.record.attestations;
      history.appendBy(provider.nodeId, gatheringOf(`not-${stranger.nodeId}`, [needed(attestation)]));
    },
  },
  {
    title: 'an end that is written over',
    rule: 'written-twice',
    plant: (history, { declined }) => {
      history.write(`end/${declined.bundleId}`);
    },
  },
  {
    title: 'a time that has not come',
    rule: 'wrong-time',
    plant: () => undefined,
    terms: ({ nowUnixMs }) => ({ nowUnixMs: nowUnixMs - HOUR_MS }),
  },
  {
    title: "another time than its transaction's",
    rule: 'wrong-time',
    plant: (history, { active }) => {
      dealtIn(history, active.record).atUnixMs -= 1;
    },
  },
  {
    title: "another transaction's ID",
    rule: 'wrong-author',
    plant: (history, { active }) => {
      dealtIn(history, active.record).txId = 'a'.repeat(64);
    },
  },
];
