import { EVENTS } from '@eko/protocol/ledger';
import { hash } from '../support/data/ledger-facts';
import { newestOf } from './planted-facts';
import type { PlantedViolation } from './planted-violation';
import { needed } from './story';

/** What can be wrong with nodes. */
export const PLANTED_NODES: readonly PlantedViolation[] = [
  {
    title: 'a name that is registered twice',
    rule: 'wrong-node',
    plant: (history) => {
      history.append(history.transaction(EVENTS.nodeRegistered).event);
    },
  },
  {
    title: 'an identity with two nodes',
    rule: 'wrong-node',
    plant: (history) => {
      const { event, submitter } = history.transaction(EVENTS.nodeRegistered);
      history.append({ ...event, payload: { node: { ...event.payload.node, nodeId: 'second' } } });
      needed(history.blocks.at(-1)?.transactions[0]).submitter = submitter;
    },
  },
  {
    title: 'keys that somebody else changes',
    rule: 'wrong-author',
    plant: (history, { cast }) => {
      const { node } = history.transaction(EVENTS.nodeRegistered).event.payload;
      const changed = { ...node, keyEpoch: node.keyEpoch + 1 };
      history.appendBy(cast.stranger.nodeId, { name: EVENTS.nodeUpdated, payload: { node: changed } });
    },
  },
  {
    title: 'a key epoch that was left out',
    rule: 'wrong-node',
    plant: (history) => {
      const { node } = history.transaction(EVENTS.nodeRegistered).event.payload;
      const changed = { ...node, keyEpoch: node.keyEpoch + 2 };
      history.append({ name: EVENTS.nodeUpdated, payload: { node: changed } });
    },
  },
  {
    title: "keys that change with a party's offers",
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      const node = newestOf(history, cast.initiator.nodeId);
      const keys = { ...node.keys, sign: hash('z') };
      history.append({ name: EVENTS.offersChanged, payload: { node: { ...node, keys } } });
    },
  },
  {
    title: 'keys that an administrator changes with an approval',
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      const witness = needed(cast.witnesses[0]);
      const node = newestOf(history, witness.nodeId);
      const keys = { ...node.keys, sign: hash('z') };
      history.append({ name: EVENTS.nodeApproved, payload: { node: { ...node, keys } } });
      needed(history.blocks.at(-1)?.transactions[0]).submitter = needed(cast.admins.get(witness.mspId));
    },
  },
  {
    title: 'an address that moves when its node retires',
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      const node = newestOf(history, needed(cast.witnesses[0]).nodeId);
      const moved = { ...node, status: 'retired' as const, endpoint: 'https://192.0.2.1:1' };
      history.append({ name: EVENTS.nodeRetired, payload: { node: moved } });
    },
  },
  {
    title: 'offers that come with an update',
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      const node = newestOf(history, cast.provider.nodeId);
      const changed = { ...node, keyEpoch: node.keyEpoch + 1, offers: [] };
      history.append({ name: EVENTS.nodeUpdated, payload: { node: changed } });
    },
  },
];
