import '@eko/embedded-ledger';
import { judgeHistory } from '../../client-sdk/cli/src/history/judge-history';
import { CHANNEL } from '../support/chaincode/eko-ledger';
import { newHistoryCast, type HistoryCast } from '../support/history/history-cast';
import { RandomHistory } from '../support/history/random-history';

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
});
