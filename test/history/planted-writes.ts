import { EVENTS, STATE_KEYS, type EventName, type LedgerEvent } from '@eko/protocol/ledger';
import { hash } from '../support/data/ledger-facts';
import { acceptanceIn, dealingsOf, endOf, newestOf, reassignmentOf, requestOf } from './planted-facts';
import type { PlantedHistory } from './planted-history';
import type { PlantedViolation } from './planted-violation';
import { needed, type Story } from './story';

type Fields = Record<string, unknown>;

/** Lets a transaction write something else than its event says, under keys of one family. */
function spoil(
  history: PlantedHistory,
  { txId }: { readonly txId: string },
  family: string,
  change: (record: Fields) => Fields | undefined,
): void {
  let isSpoilt = false;
  history.rewrite(txId, (writes) =>
    writes.map(({ key, value }) => {
      if (!key.startsWith(`${family}/`) || isSpoilt) return { key, value };
      isSpoilt = true;
      const record = change(JSON.parse(Buffer.from(needed(value)).toString()) as Fields);
      // As plain JSON in its given order: only a record that keeps the order of its names stays canonical.
      return { key, value: record === undefined ? undefined : Buffer.from(JSON.stringify(record)) };
    }),
  );
}

/** A record that says something else than the event of its transaction. */
const otherRecord = (
  title: string,
  family: string,
  transaction: (history: PlantedHistory, story: Story) => { readonly txId: string },
  change: (record: Fields) => Fields | undefined,
): PlantedViolation => ({
  title,
  rule: 'wrong-value',
  plant: (history, story) => spoil(history, transaction(history, story), family, change),
});

const first =
  <Name extends EventName>(name: Name, pick?: (event: Extract<LedgerEvent, { name: Name }>) => boolean) =>
  (history: PlantedHistory) =>
    history.transaction(name, pick);

const registered = (role: 'witness' | 'party') =>
  first(EVENTS.nodeRegistered, ({ payload }) => payload.node.role === role);

const WRONG_RECORDS: readonly PlantedViolation[] = [
  otherRecord(
    'a request on record that is for another provider',
    STATE_KEYS.bundle,
    (history, { active }) => requestOf(history, active.record),
    (record) => ({ ...record, providerMsp: 'Org3MSP' }),
  ),
  otherRecord(
    'an acceptance on record that was proved otherwise',
    STATE_KEYS.acceptance,
    (history, { active }) => acceptanceIn(history, active.record),
    (record) => ({ ...record, proof: 'A'.repeat(107) }),
  ),
  otherRecord(
    'dealers on record who are not those that were told',
    STATE_KEYS.assignment,
    (history) => reassignmentOf(history),
    (record) => ({ ...record, orchestrators: [...(record['orchestrators'] as string[])].reverse() }),
  ),
  otherRecord(
    'a dealing on record with another sheet than was told',
    STATE_KEYS.dealings,
    (history, { active }) => dealingsOf(history, active.record),
    (record) => ({
      ...record,
      dealings: (record['dealings'] as Fields[]).map((each) => ({ ...each, sheetHash: hash('z') })),
    }),
  ),
  otherRecord(
    'a permit on record for somebody else than was told',
    STATE_KEYS.permit,
    first(EVENTS.releaseAuthorized),
    (record) => ({ ...record, party: 'provider' }),
  ),
  otherRecord(
    'an end on record for another reason than was told',
    STATE_KEYS.end,
    first(EVENTS.streamsEnded),
    (record) => ({ ...record, reason: 'expired' }),
  ),
  otherRecord(
    'an end that is told, and deleted instead',
    STATE_KEYS.end,
    first(EVENTS.streamsEnded),
    () => undefined,
  ),
  otherRecord(
    'an attestation on record of less than was told',
    STATE_KEYS.attestation,
    first(EVENTS.destructionAttested),
    (record) => ({ ...record, attestations: [] }),
  ),
  otherRecord(
    'a heartbeat on record with another receipt than was told',
    STATE_KEYS.heartbeat,
    first(EVENTS.heartbeat, ({ payload }) => payload.receipts !== undefined),
    (record) => ({ ...record, receipts: { hash: hash('z'), number: 0 } }),
  ),
  otherRecord(
    'a node on record with another key than was told',
    STATE_KEYS.node,
    registered('witness'),
    (record) => ({ ...record, keys: { ...(record['keys'] as Fields), sign: hash('z') } }),
  ),
  otherRecord(
    'an offer on record that covers more than was told',
    STATE_KEYS.node,
    first(EVENTS.offersChanged),
    (record) => ({
      ...record,
      offers: (record['offers'] as Fields[]).map((offer) => ({ ...offer, minQuorum: 1 })),
    }),
  ),
  otherRecord(
    'a record in another form than the canonical one',
    STATE_KEYS.node,
    registered('witness'),
    (record) => Object.fromEntries(Object.entries(record).reverse()),
  ),
  otherRecord(
    'a roster on record with a node that was never in it',
    STATE_KEYS.roster,
    registered('witness'),
    (record) => ({
      ...record,
      entries: [...(record['entries'] as Fields[]), { mspId: 'Org1MSP', nodeId: 'zz', since: 1 }],
    }),
  ),
  otherRecord(
    'a count of parties that is another one',
    STATE_KEYS.parties,
    registered('party'),
    (record) => ({ ...record, count: 900 }),
  ),
  otherRecord('an identity on record of another node', STATE_KEYS.identity, registered('witness'), () => ({
    nodeId: 'stranger',
  })),
  otherRecord(
    'a key on record that belongs to another node',
    STATE_KEYS.publicKey,
    registered('witness'),
    () => ({ nodeId: 'stranger' }),
  ),
  otherRecord(
    'a slot on record that is taken for longer',
    STATE_KEYS.open,
    (history, { waiting }) => requestOf(history, waiting),
    (record) => ({ ...record, untilUnixMs: Number(record['untilUnixMs']) + 1 }),
  ),
];

/** What can be wrong with the records that transactions write. */
export const PLANTED_WRITES: readonly PlantedViolation[] = [
  ...WRONG_RECORDS,
  {
    title: 'one more record than the event announces',
    rule: 'unannounced-write',
    plant: (history, { active, cast }) => {
      const [txId = ''] = history.append(endOf(active.record, { by: cast.initiator.nodeId, index: 0 }));
      history.rewrite(txId, (writes) => [...writes, { key: 'end/other', value: Buffer.from('{}') }]);
    },
  },
  {
    title: 'one key that is written twice in a transaction',
    rule: 'wrong-value',
    plant: (history) => {
      const { txId } = history.transaction(EVENTS.nodeRegistered);
      history.rewrite(txId, ([one, ...rest]) => [
        needed(one),
        { key: needed(one).key, value: Buffer.from('{}') },
        ...rest,
      ]);
    },
  },
  {
    title: 'a roster that changes without a word',
    rule: 'unannounced-write',
    plant: (history) => history.write('roster/witness'),
  },
  {
    title: 'a key of no family',
    rule: 'unannounced-write',
    plant: (history) => history.write('elsewhere/1'),
  },
  {
    title: 'a registration that leaves its identity free',
    rule: 'unannounced-write',
    plant: (history) => {
      const { txId } = history.transaction(EVENTS.nodeRegistered);
      history.rewrite(txId, (writes) => writes.filter(({ key }) => !key.startsWith('identity/')));
    },
  },
  {
    title: 'a key that another node has',
    rule: 'wrong-node',
    plant: (history, { cast }) => {
      const { sign } = newestOf(history, cast.initiator.nodeId).keys;
      const node = newestOf(history, cast.stranger.nodeId);
      history.append({
        name: EVENTS.nodeUpdated,
        payload: { node: { ...node, keyEpoch: node.keyEpoch + 1, keys: { ...node.keys, sign } } },
      });
    },
  },
  {
    title: 'a request that waits in no slot',
    rule: 'wrong-request',
    plant: (history, { waiting }) => {
      const { txId } = requestOf(history, waiting);
      history.rewrite(txId, (writes) => writes.filter(({ key }) => !key.startsWith('open/')));
    },
  },
  {
    title: 'a request in a slot that is taken',
    rule: 'wrong-request',
    plant: (history, { waiting }) => {
      const { txId } = requestOf(history, waiting);
      let taken = '';
      history.rewrite(txId, (writes) => {
        taken = needed(writes.find(({ key }) => key.startsWith('open/'))).key;
        return writes;
      });
      const [second = ''] = history.append(history.waitingRequest('0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e'));
      history.rewrite(second, (writes) =>
        writes.map(({ key, value }) => ({ key: key.startsWith('open/') ? taken : key, value })),
      );
    },
  },
  {
    title: 'a request that an offer covers and that takes a slot',
    rule: 'unannounced-write',
    plant: (history, { offered }) => {
      const { txId } = requestOf(history, offered.record);
      const key = 'open/provider/Org1MSP/9';
      history.rewrite(txId, (writes) => [...writes, { key, value: Buffer.from('{}') }]);
    },
  },
];
