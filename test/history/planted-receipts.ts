import { EVENTS, type Attestation } from '@eko/protocol/ledger';
import { LABELS, newAttestation, signRecord, type RecordSigner } from '@eko/protocol/crypto';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { gatheringOf } from './planted-facts';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { hash } from '../support/data/ledger-facts';
import type { PlantedHistory } from './planted-history';
import type { PlantedViolation } from './planted-violation';
import { needed, type Story } from './story';

const HOUR_MS = 3_600_000;

/** The first receipt of the bundle under an offer, which is also the first of its witness. */
function firstReceipt({ receipts, offered }: Story): ReleaseReceipt {
  const found = receipts.flatMap(({ lines }) => lines[0] ?? []);
  return needed(found.find(({ receipt }) => receipt.bundleId === offered.record.bundleId)).receipt;
}

const signed = (receipt: ReleaseReceipt, sign: RecordSigner) => ({
  receipt,
  signature: signRecord(LABELS.receiptSignature, receipt, sign),
});

/** Continues the log of the first receipt's witness by a changed copy of it. */
function goOn(history: PlantedHistory, story: Story, change: Partial<ReleaseReceipt>): void {
  const receipt = { ...firstReceipt(story), ...change };
  history.sign(story.signerOf(receipt.witness), receipt);
}

/** A permit for a party to collect the active bundle once more, and a witness that serves it. */
function permitted(history: PlantedHistory, { active }: Story, party: string) {
  const { bundleId } = active.record;
  const [permitTxId = ''] = history.append({
    name: EVENTS.releaseAuthorized,
    payload: { permit: { bundleId, epoch: 1, streams: 'all', party, txId: '', atUnixMs: 0 } },
  });
  const witness = needed(active.dealt.selection.witnesses[0]);
  const { fence, txId: activationTxId } = active.dealt;
  const release = { bundleId, fence, activationTxId, permitTxId, party, witness, streams: [0] };
  return { ...release, atUnixMs: history.newestUnixMs };
}

const shown = (history: PlantedHistory) => {
  const hasReceipts = ({ receipts }: Attestation): boolean => (receipts?.number ?? 0) > 0;
  const { event } = history.transaction(EVENTS.destructionAttested, ({ payload }) =>
    payload.record.attestations.some(hasReceipts),
  );
  const { nodeId, receipts } = needed(event.payload.record.attestations.find(hasReceipts));
  return { witness: nodeId, head: needed(receipts) };
};

/** What can be wrong with receipts, each planted beside a ledger in which nothing else is. */
export const PLANTED_RECEIPTS: readonly PlantedViolation[] = [
  {
    title: 'another receipt of a number that the witness had shown, in what others submit of it',
    rule: 'receipt-fork',
    plant: (history, story) => {
      const { witness, head } = shown(history);
      const { event } = history.transaction(EVENTS.destructionAttested, ({ payload }) =>
        payload.record.attestations.some(({ nodeId }) => nodeId === witness),
      );
      const { attestations } = event.payload.record;
      const { destructions } = needed(attestations.find(({ nodeId }) => nodeId === witness));
      const receipts = { ...head, hash: hash('f') };
      const statement = { channel: CHANNEL, nodeId: witness, destructions, receipts };
      const by = needed(story.accepted.assignment.orchestrators[0]);
      history.append(gatheringOf(by, [newAttestation(statement, story.signerOf(witness))]));
    },
  },
  {
    title: 'a release without a permit',
    rule: 'release-without-permit',
    plant: (history, story) => {
      goOn(history, story, { permitTxId: 'a'.repeat(64) });
    },
  },
  {
    title: "a release on the other party's permit",
    rule: 'release-without-permit',
    plant: (history, story) => {
      const release = permitted(history, story, 'initiator');
      goOn(history, story, { ...release, party: 'provider' });
    },
  },
  {
    title: 'a release to a stranger',
    rule: 'release-by-stranger',
    plant: (history, story) => {
      goOn(history, story, { party: story.cast.stranger.nodeId });
    },
  },
  {
    title: 'a release by a witness that was not drawn',
    rule: 'release-by-stranger',
    plant: (history, story) => {
      const drawn = story.active.dealt.selection.witnesses;
      const undrawn = needed(story.cast.witnesses.find(({ nodeId }) => !drawn.includes(nodeId))).nodeId;
      goOn(history, story, { ...permitted(history, story, 'initiator'), witness: undrawn });
    },
  },
  {
    title: 'a release on a permit after the end',
    rule: 'release-after-end',
    plant: (history, story) => {
      const { bundleId } = story.active.record;
      history.append({
        name: EVENTS.streamsEnded,
        payload: { ends: [{ bundleId, reason: 'revoked', by: 'provider', txId: '', atUnixMs: 0 }] },
      });
      goOn(history, story, permitted(history, story, 'initiator'));
    },
  },
  {
    title: 'a release of another dealing',
    rule: 'release-of-other-dealing',
    plant: (history, story) => {
      goOn(history, story, { ...permitted(history, story, 'initiator'), fence: 1 });
    },
  },
  {
    title: 'a release long after the permit',
    rule: 'release-out-of-time',
    plant: (history, story) => {
      const release = permitted(history, story, 'initiator');
      goOn(history, story, { ...release, atUnixMs: release.atUnixMs + 5 * 60_000 });
    },
  },
  {
    title: 'a release long before the permit',
    rule: 'release-out-of-time',
    plant: (history, story) => {
      const release = permitted(history, story, 'initiator');
      goOn(history, story, { ...release, atUnixMs: release.atUnixMs - HOUR_MS });
    },
  },
  {
    title: 'a permit that is used twice in one log',
    rule: 'permit-used-twice',
    plant: (history, story) => {
      goOn(history, story, {});
    },
  },
  {
    title: 'a permit that is used twice over two files',
    rule: 'permit-used-twice',
    plant: (history, story) => {
      const first = firstReceipt(story);
      const again = { ...first, sequence: 1_000, previousHash: hash('q') };
      history.receipts.push({ name: 'second.jsonl', lines: [signed(again, story.signerOf(first.witness))] });
    },
  },
  {
    title: 'a chain that begins again in a second file',
    rule: 'receipt-fork',
    plant: (history, story) => {
      const first = firstReceipt(story);
      const anew = { ...first, previousHash: hash('n'), ...permitted(history, story, 'initiator') };
      const restarted = { ...anew, witness: first.witness };
      history.receipts.push({
        name: 'anew.jsonl',
        lines: [signed(restarted, story.signerOf(first.witness))],
      });
    },
  },
  {
    title: 'two different receipts with one number in two files',
    rule: 'receipt-fork',
    plant: (history, story) => {
      const first = firstReceipt(story);
      const other = { ...first, entriesHash: hash('o') };
      history.receipts.push({ name: 'other.jsonl', lines: [signed(other, story.signerOf(first.witness))] });
    },
  },
  {
    title: 'a log under another name than on the ledger',
    rule: 'receipt-chain',
    plant: (history, story) => {
      const first = firstReceipt(story);
      const other = { ...first, previousHash: hash('n') };
      history.logOf(first.witness).lines = [signed(other, story.signerOf(first.witness))];
    },
  },
  {
    title: 'a receipt that was left out',
    rule: 'receipt-chain',
    plant: (history, story) => {
      history.logOf(firstReceipt(story).witness).lines.shift();
    },
  },
  {
    title: 'a line that is no receipt',
    rule: 'receipt-chain',
    plant: (history, story) => {
      history.logOf(firstReceipt(story).witness).lines.push(undefined);
    },
  },
  {
    title: "a receipt in another witness's log",
    rule: 'receipt-chain',
    plant: (history, story) => {
      const { witness } = firstReceipt(story);
      const other = needed(
        history.receipts.find(({ name, lines }) => !name.startsWith(witness) && lines.length > 0),
      );
      other.lines.push(history.logOf(witness).lines[0]);
    },
  },
  {
    title: 'a log that ends before what its witness has shown',
    rule: 'receipt-missing',
    plant: (history) => {
      const { witness, head } = shown(history);
      history.logOf(witness).lines.splice(head.number - 1);
    },
  },
  {
    title: 'a witness that shows fewer receipts than before',
    rule: 'receipt-missing',
    plant: (history) => {
      const { witness, head } = shown(history);
      const receipts = { ...head, number: head.number - 1 };
      history.append({ name: EVENTS.heartbeat, payload: { nodeId: witness, atUnixMs: 0, receipts } });
    },
  },
  {
    title: 'a witness that shows another log than before',
    rule: 'receipt-fork',
    plant: (history) => {
      const { witness, head } = shown(history);
      const receipts = { ...head, hash: hash('f') };
      history.append({ name: EVENTS.heartbeat, payload: { nodeId: witness, atUnixMs: 0, receipts } });
    },
  },
  {
    title: 'a receipt of another channel',
    rule: 'receipt-signature',
    plant: (history, story) => {
      goOn(history, story, { channel: 'other' });
    },
  },
  {
    title: 'a receipt that another witness signed',
    rule: 'receipt-signature',
    plant: (history, story) => {
      const receipt = firstReceipt(story);
      const forger = needed(story.cast.witnesses.find(({ nodeId }) => nodeId !== receipt.witness)).nodeId;
      history.sign(story.signerOf(forger), {
        ...receipt,
        ...permitted(history, story, 'provider'),
        witness: receipt.witness,
      });
    },
  },
];
