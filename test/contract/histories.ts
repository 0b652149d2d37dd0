import { ask, commit, endorse, ownPrefix, run } from './probe';
import type { Suite } from './suite-context';

/** What a ledger remembers of a key. */
export function describeHistories(suite: Suite): void {
  describe('the history of a key', () => {
    it('has every committed write, newest first, deletions included, and nothing of invalid transactions', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const invalid = await endorse(client, ['get', key], ['put', key, 'never']);
      const first = await run(client, ['put', key, '1'], ['put', key, '2']);
      expect(await commit(invalid)).toBe(11);
      const second = await run(client, ['delete', key]);
      const third = await run(client, ['put', key, '3']);
      const now = Date.now() / 1000;
      const [history] = await ask(client, ['history', key]);
      const atUnixSeconds = expect.closeTo(now, -2) as number;
      expect(history).toEqual([
        { txId: third.txId, value: '3', isDelete: false, atUnixSeconds },
        { txId: second.txId, value: null, isDelete: true, atUnixSeconds },
        { txId: first.txId, value: '2', isDelete: false, atUnixSeconds },
      ]);
    });

    it('is empty for a key that never was', async () => {
      expect(await ask(suite().client, ['history', ownPrefix()])).toEqual([[]]);
    });

    it('does not tell the history of keys that it is a beginning of', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await run(client, ['put', key, 'short'], ['put', `${key}x`, 'long'], ['put', `${key}\u0000x`, 'odd']);
      const [history] = (await ask(client, ['history', key])) as [{ value: string }[]];
      expect(history.map(({ value }) => value)).toEqual(['short']);
    });

    it('is no read that a later write conflicts with', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await run(client, ['put', key, '1']);
      const late = await endorse(client, ['history', key]);
      await run(client, ['put', key, '2']);
      expect(await commit(late)).toBe(0);
    });
  });
}
