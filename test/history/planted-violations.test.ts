import '@eko/embedded-ledger';
import { LABELS, signRecord } from '@eko/protocol/crypto';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { judgeHistory } from '../../client-sdk/audit/src/judge-history';
import { HISTORY_RULES } from '../../client-sdk/audit/src/violation';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { newHistoryCast } from './history-cast';
import { PLANTED_ACTS } from './planted-acts';
import { PLANTED_AGREEMENTS } from './planted-agreements';
import { PLANTED_RECEIPTS } from './planted-receipts';
import { PLANTED_FORMS } from './planted-forms';
import { PLANTED_NODES } from './planted-nodes';
import { PLANTED_WRITES } from './planted-writes';
import { PlantedHistory, type RecordedLog } from './planted-history';
import { needed, tellStory, type Story } from './story';

const PLANTED = [
  ...PLANTED_AGREEMENTS,
  ...PLANTED_ACTS,
  ...PLANTED_FORMS,
  ...PLANTED_NODES,
  ...PLANTED_RECEIPTS,
  ...PLANTED_WRITES,
];

describe('violations that were planted in a history', () => {
  let story: Story;
  beforeAll(async () => {
    story = await tellStory(await newHistoryCast());
  }, 60_000);

  const verify = (history: PlantedHistory, terms: object = {}) =>
    history.verify({ channel: CHANNEL, nowUnixMs: story.nowUnixMs, ...terms });

  it('begin from one in which nothing is wrong', async () => {
    const report = await verify(new PlantedHistory(story.blocks, story.receipts));
    expect(report.violations).toEqual([]);
    // With what the contracts themselves have written.
    const { blocks, receipts, nowUnixMs } = story;
    const terms = { channel: CHANNEL, blocks, receipts, nowUnixMs, attestMs: 60_000 };
    expect((await judgeHistory(terms)).violations).toEqual([]);
    expect(report).toMatchObject({
      streams: { active: 2, ended: 3, revoked: 2, pending: 1, lapsed: 0 },
      pending: [story.waiting.bundleId],
      destructions: { owed: 0, overdue: 0 },
    });
    expect(report.receipts.read).toBe(report.receipts.shown + (await unshown()));
  });

  it.each(PLANTED)('are named: $title ($rule)', async ({ rule, plant, terms }) => {
    const history = new PlantedHistory(story.blocks, story.receipts);
    plant(history, story);
    const { violations } = await verify(history, terms?.(story));
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });

  it('are not seen in a log that comes in parts, nor counted twice in one that comes twice', async () => {
    const { blocks, receipts } = story;
    const parts = receipts.flatMap(({ name, lines }) => [
      { name: `${name}.1`, lines: lines.slice(0, 1) },
      { name: `${name}.2`, lines: lines.slice(1) },
    ]);
    const whole = await verify(new PlantedHistory(blocks, receipts));
    const { violations, receipts: read } = await verify(new PlantedHistory(blocks, [...parts, ...receipts]));
    expect(violations).toEqual([]);
    expect(read.read).toBe(whole.receipts.read);
    const late = await verify(new PlantedHistory(blocks, [...parts].reverse()));
    expect(late.violations.map(({ rule }) => rule)).toContain('receipt-chain');
  });

  it('are not read to the end of a file in which everything is wrong', async () => {
    const history = new PlantedHistory(story.blocks, story.receipts);
    // A witness that was never drawn has an empty one.
    const { lines } = needed(history.receipts.find(({ lines: each }) => each.length > 0));
    const { receipt, signature } = needed(lines[0]);
    for (let count = 0; count < 5000; count += 1)
      lines.push({ receipt: { ...receipt, sequence: 1024 * (count + 9) }, signature });
    const { violations } = await verify(history);
    expect(violations.length).toBeLessThan(1010);
    expect(violations.map(({ text }) => text)).toContainEqual(expect.stringContaining('was not read'));
  });

  it('are never those of a witness in whose name somebody else wrote receipts', async () => {
    const { blocks, receipts } = story;
    const { receipt } = needed(shownLog().lines[0]);
    const forger = needed(story.cast.witnesses.find(({ nodeId }) => nodeId !== receipt.witness)).nodeId;
    const forge = (change: Partial<ReleaseReceipt>) => {
      const forged = { ...receipt, ...change };
      return {
        receipt: forged,
        signature: signRecord(LABELS.receiptSignature, forged, story.signerOf(forger)),
      };
    };
    const file = {
      name: 'forged.jsonl',
      lines: [forge({ party: 'stranger' }), forge({ permitTxId: 'f'.repeat(64) })],
    };
    for (const files of [
      [file, ...receipts],
      [...receipts, file],
    ]) {
      const { violations } = await verify(new PlantedHistory(blocks, files));
      expect(violations.map(({ rule, receipt: where }) => [rule, where])).toEqual([
        ['receipt-signature', 'forged.jsonl:1'],
        ['receipt-signature', 'forged.jsonl:2'],
      ]);
    }
    // Nor do they stand for receipts that it keeps back.
    const kept = receipts.filter((log) => log !== shownLog());
    const instead = await verify(new PlantedHistory(blocks, [file, ...kept]));
    expect(instead.receipts.unread).toEqual([receipt.witness]);
  });

  it('are told from receipts that nobody has handed over', async () => {
    const handed = story.receipts.filter((log) => log !== shownLog());
    const { receipts, violations } = await verify(new PlantedHistory(story.blocks, handed));
    const witness = shownLog().name.replace(/\.jsonl$/, '');
    expect(violations).toEqual([]);
    expect(receipts.unread).toEqual([witness]);
  });

  it('are at least forty, and of every rule', () => {
    expect(new Set(PLANTED.map(({ title }) => title)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(PLANTED.map(({ rule }) => rule))).toEqual(new Set(Object.keys(HISTORY_RULES)));
  });

  /** The log of a witness that has shown it: it attested that it destroyed what it had released from. */
  function shownLog(): RecordedLog {
    const { offered, receipts } = story;
    const isOfOffered = (log: RecordedLog) => log.lines[0]?.receipt.bundleId === offered.record.bundleId;
    const [drawn] = offered.dealt.selection.witnesses;
    return needed(receipts.find((log) => isOfOffered(log) && log.lines[0]?.receipt.witness === drawn));
  }

  /** Receipts that were written since their witness last showed its log. */
  async function unshown(): Promise<number> {
    const { receipts } = await verify(new PlantedHistory(story.blocks, story.receipts));
    const all = story.receipts.reduce((sum, { lines }) => sum + lines.length, 0);
    return all - receipts.shown;
  }
});
