import { EVENTS } from '@eko/protocol/ledger';
import { dealingsOf, dealtIn, endOf, permitOf } from './planted-facts';
import type { PlantedViolation } from './planted-violation';
import { needed } from './story';

/** What can be wrong with the numbers and forms of acts. */
export const PLANTED_FORMS: readonly PlantedViolation[] = [
  {
    title: 'dealings that are recorded a second time',
    rule: 'act-out-of-order',
    plant: (history, { active }) => {
      const { event } = dealingsOf(history, active.record);
      history.append({ name: event.name, payload: { record: { ...event.payload.record, epoch: 2 } } });
    },
  },
  {
    title: 'dealings of another epoch than the first',
    rule: 'act-out-of-order',
    plant: (history, { active }) => {
      dealtIn(history, active.record).epoch = 2;
    },
  },
  {
    title: 'two dealings of one ID',
    rule: 'wrong-dealing',
    plant: (history, { active }) => {
      const { dealings } = dealtIn(history, active.record);
      needed(dealings[1]).dealingId = needed(dealings[0]).dealingId;
    },
  },
  {
    title: 'an envelope too few',
    rule: 'wrong-dealing',
    plant: (history, { active }) => {
      needed(dealtIn(history, active.record).dealings[0]).envelopes.pop();
    },
  },
  {
    title: 'a permit for an epoch that was never dealt',
    rule: 'act-out-of-order',
    plant: (history, { active, cast }) => {
      const permit = permitOf(active.record, cast.provider.nodeId);
      permit.payload.permit.epoch = 2;
      history.append(permit);
    },
  },
  {
    title: 'an end of a stream that is none of the bundle',
    rule: 'act-out-of-order',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { by: cast.initiator.nodeId, index: 199 }));
    },
  },
  {
    title: 'two ends in one transaction',
    rule: 'act-after-end',
    plant: (history, { active, cast }) => {
      const { name, payload } = endOf(active.record, { by: cast.initiator.nodeId });
      history.append({ name, payload: { ends: [...payload.ends, ...payload.ends] } });
    },
  },
  {
    title: 'a witness that speaks, and not of its receipts',
    rule: 'receipt-missing',
    plant: (history, { cast }) => {
      const { nodeId } = needed(cast.witnesses[0]);
      history.append({ name: EVENTS.heartbeat, payload: { nodeId, atUnixMs: 0 } });
    },
  },
  {
    title: 'a heartbeat of a node that nobody has vouched for',
    rule: 'act-by-stranger',
    plant: (history, { cast }) => {
      const { nodeId } = needed(cast.orchestrators[0]);
      history.transaction(
        EVENTS.nodeRegistered,
        ({ payload }) => payload.node.nodeId === nodeId,
      ).event.payload.node.status = 'pending';
      history.append({ name: EVENTS.heartbeat, payload: { nodeId, atUnixMs: 0 } });
    },
  },
  {
    title: 'an end that nobody is told of',
    rule: 'unannounced-write',
    plant: (history, { active }) => {
      history.write(`end/${active.record.bundleId}`);
    },
  },
  {
    title: 'a node whose record changes without a word',
    rule: 'unannounced-write',
    plant: (history, { cast }) => {
      history.write(`node/${needed(cast.witnesses[0]).nodeId}`);
    },
  },
  {
    title: 'an end that is told and not written',
    rule: 'unannounced-write',
    plant: (history, { active, cast }) => {
      history.append(endOf(active.record, { by: cast.initiator.nodeId }));
      history.rewrite(needed(history.blocks.at(-1)?.transactions[0]).txId, () => []);
    },
  },
  {
    title: 'an event that is in no form',
    rule: 'unreadable-fact',
    plant: (history) => {
      history.write();
      needed(history.blocks.at(-1)?.transactions[0]).unreadable = 'Event StreamsEnded does not fit';
    },
  },
  {
    title: 'a time that no calendar has',
    rule: 'wrong-time',
    plant: (history, { active, cast }) => {
      history.append(permitOf(active.record, cast.provider.nodeId));
      needed(history.blocks.at(-1)?.transactions[0]).timeUnixMs = 9e18;
    },
  },
];
