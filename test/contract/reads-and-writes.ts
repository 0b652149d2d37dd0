import { ask, endorse, ownPrefix, run } from './probe';
import type { Suite } from './suite-context';

/** What a transaction reads, and what of its writes is there afterwards. */
export function describeReadsAndWrites(suite: Suite): void {
  describe('reads and writes', () => {
    it('show a transaction the committed state and never its own writes', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const first = await run(client, ['put', key, 'a'], ['get', key], ['range', key, `${key}~`]);
      expect(first.answers).toEqual([null, null, []]);
      const second = await run(client, ['put', key, 'b'], ['get', key], ['delete', key], ['get', key]);
      expect(second.answers).toEqual([null, 'a', null, 'a']);
    });

    it('keep the last write of a key inside a transaction', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      const [twice, gone, back] = [`${prefix}twice`, `${prefix}gone`, `${prefix}back`];
      await run(
        client,
        ...([
          ['put', twice, '1'],
          ['put', twice, '2'],
          ['put', gone, '1'],
          ['delete', gone],
          ['delete', back],
          ['put', back, '2'],
        ] as const),
      );
      expect(await ask(client, ['get', twice], ['get', gone], ['get', back])).toEqual(['2', null, '2']);
    });

    it('delete a key that is given an empty value', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await run(client, ['put', key, 'v']);
      await run(client, ['put', key, '']);
      expect(await ask(client, ['get', key], ['range', key, `${key}~`])).toEqual([null, []]);
      const [history] = (await ask(client, ['history', key])) as [{ isDelete: boolean }[]];
      expect(history.map(({ isDelete }) => isDelete)).toEqual([true, false]);
    });

    it('delete a key that was never there', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await run(client, ['delete', key]);
      expect(await ask(client, ['get', key])).toEqual([null]);
    });

    it('leave nothing behind after an evaluation, nor before a transaction is sent', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await ask(client, ['put', key, 'v']);
      await endorse(client, ['put', key, 'v']);
      expect(await ask(client, ['get', key])).toEqual([null]);
    });
  });
}
