import '@eko/embedded-ledger';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { judgeHistory } from '../../client-sdk/audit/src/judge-history';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { succeeded } from '../support/contracts/test-streams';
import { RegistryDriver } from '../support/contracts/registry-driver';
import { newHistoryCast, type HistoryCast } from './history-cast';
import { blocksOf } from './recorded-blocks';
import { RandomHistory } from './random-history';

/** `npm run test:history` asks for a thousand; the first of them are part of every run. */
const HISTORIES = Number(process.env['EKO_HISTORIES'] ?? 10);
const FIRST = Number(process.env['EKO_FIRST_HISTORY'] ?? 1);
const MINUTE_MS = 60_000;

describe('honest histories that the contracts made', () => {
  let cast: HistoryCast;
  beforeAll(async () => {
    cast = await newHistoryCast();
  }, MINUTE_MS);

  it(
    `accuse nobody: ${HISTORIES} of them`,
    async () => {
      const seen = new Map<string, number>();
      for (let seed = FIRST; seed < FIRST + HISTORIES; seed += 1) {
        const { blocks, receipts, nowUnixMs } = await RandomHistory.make(cast, seed);
        const { violations, receipts: read } = await judgeHistory({
          channel: CHANNEL,
          blocks,
          receipts,
          nowUnixMs,
          attestMs: MINUTE_MS,
        });
        expect({ seed, violations }).toEqual({ seed, violations: [] });
        for (const { transactions } of blocks)
          for (const { event, validationCode } of transactions) {
            const what = event?.name ?? `code ${validationCode}`;
            seen.set(what, (seen.get(what) ?? 0) + 1);
          }
        seen.set('receipts', (seen.get('receipts') ?? 0) + read.read);
      }
      if (process.env['EKO_HISTORIES'] !== undefined)
        process.stderr.write(`${JSON.stringify(Object.fromEntries(seen))}\n`);
      // They are about something: each of these has happened.
      for (const what of ['StreamsEnded', 'DealingsRecorded', 'DestructionAttested', 'receipts'])
        expect(seen.get(what) ?? 0).toBeGreaterThan(0);
    },
    HISTORIES * MINUTE_MS,
  );

  it('accuse no node whose organisation approves it, turns it or its changes away, and that retires', async () => {
    const driver = new RegistryDriver();
    const { ledger } = driver;
    const administrator = await driver.administrator('Org1MSP');
    const decide = async (decision: 'approveNode' | 'rejectNode', nodeId: string, keyEpoch: number) =>
      succeeded(await ledger.submit(administrator, TRANSACTIONS[decision], { nodeId, keyEpoch }));
    const [kept, refused] = [await driver.newNode(), await driver.newNode()];
    for (const node of [kept, refused]) succeeded(await driver.register(node, { zone: 'a', tags: ['x'] }));
    succeeded(await driver.update(kept, { zone: 'b' }));
    await decide('approveNode', kept.nodeId, 2);
    await decide('rejectNode', refused.nodeId, 1);
    succeeded(await driver.update(kept, { zone: 'c', tags: ['y'], keyEpoch: 2 }));
    await decide('approveNode', kept.nodeId, 3);
    succeeded(await driver.update(kept, { zone: 'e', keyEpoch: 3 }));
    await decide('rejectNode', kept.nodeId, 4);
    succeeded(await driver.update(kept, { zone: 'd', keyEpoch: 4 }));
    succeeded(await ledger.submit(administrator, TRANSACTIONS.retireNode, { nodeId: kept.nodeId }));
    const waiting = await driver.registered({ attributes: {} });
    succeeded(await ledger.submit(waiting.identity, TRANSACTIONS.retireNode, { nodeId: waiting.nodeId }));
    const { violations } = await judgeHistory({
      channel: CHANNEL,
      blocks: blocksOf(ledger.steps, () => true),
      nowUnixMs: ledger.nowUnixMs,
      attestMs: MINUTE_MS,
    });
    expect(ledger.steps.length).toBeGreaterThanOrEqual(10);
    expect(violations).toEqual([]);
  });
});
