import '@eko/embedded-ledger';
import { HISTORY_RULES } from '../../client-sdk/cli/src/history/violation';
import { CHANNEL } from '../support/chaincode/eko-ledger';
import { newHistoryCast } from '../support/history/history-cast';
import { PLANTED_ACTS } from '../support/history/planted-acts';
import { PLANTED_AGREEMENTS } from '../support/history/planted-agreements';
import { PLANTED_RECEIPTS } from '../support/history/planted-receipts';
import { PlantedHistory } from '../support/history/planted-history';
import { tellStory, type Story } from '../support/history/story';

const PLANTED = [...PLANTED_AGREEMENTS, ...PLANTED_ACTS, ...PLANTED_RECEIPTS];

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

  it('are at least forty, and of every rule', () => {
    expect(new Set(PLANTED.map(({ title }) => title)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(PLANTED.map(({ rule }) => rule))).toEqual(new Set(Object.keys(HISTORY_RULES)));
  });

  /** Receipts that were written since their witness last showed its log. */
  async function unshown(): Promise<number> {
    const { receipts } = await verify(new PlantedHistory(story.blocks, story.receipts));
    const all = story.receipts.reduce((sum, { lines }) => sum + lines.length, 0);
    return all - receipts.shown;
  }
});
