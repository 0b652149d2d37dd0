import { ask, ownPrefix, run } from './probe';
import type { Suite } from './suite-context';
import { refusalOf } from './refusal';

/** Which keys there can be. */
export function describeKeys(suite: Suite): void {
  describe('keys', () => {
    it('may be empty, and are then outside of every range', async () => {
      const { client } = suite();
      await run(client, ['put', '', 'v']);
      const [value, all] = (await ask(client, ['get', ''], ['range', '', ''])) as [string, string[]];
      expect(value).toBe('v');
      expect(all).not.toContain('');
      await run(client, ['delete', '']);
      expect(await ask(client, ['get', ''])).toEqual([null]);
    });

    it.each([
      ['put', 'PUT_STATE'],
      ['delete', 'DEL_STATE'],
      ['get', 'GET_STATE'],
      ['history', 'GET_HISTORY_FOR_KEY'],
      ['range', 'GET_STATE_BY_RANGE'],
    ])('do not end in half a surrogate pair: %s', async (step, request) => {
      const { client } = suite();
      const refused = new RegExp(
        `^${request} failed: transaction ID: [0-9a-f]{64}: unmarshal failed: string field contains invalid UTF-8$`,
      );
      for (const half of ['\ud800', '\udc00']) {
        expect(await refusalOf(client, [step, ownPrefix() + half, 'v'])).toMatch(refused);
      }
    });

    it('arrive without the first half of a pair that has no second one', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      await run(client, ['put', `${prefix}a\ud800b`, 'v']);
      expect(await ask(client, ['get', `${prefix}a`], ['get', `${prefix}ab`])).toEqual([null, 'v']);
    });

    it('may hold any other character', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      const keys = ['\u0001', 'a\u0000b', 'é', '\uffff', '\u{1f600}', ' ', '%2F/..'].map(
        (odd) => prefix + odd,
      );
      await run(client, ...keys.map((key, place) => ['put', key, String(place)] as const));
      expect(await ask(client, ...keys.map((key) => ['get', key] as const))).toEqual(
        keys.map((_key, place) => String(place)),
      );
    });

    it('may be long', async () => {
      const { client } = suite();
      const key = ownPrefix() + 'x'.repeat(64 * 1024);
      await run(client, ['put', key, 'v']);
      expect(await ask(client, ['get', key], ['range', key, `${key}~`])).toEqual(['v', [key]]);
    });

    it('that begin with U+0000 are those of composites, apart from all others', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      await run(client, ['putComposite', prefix, ['p', '1']], ['putComposite', prefix, ['pp', '2']]);
      expect(await ask(client, ['listComposite', prefix, ['p']])).toEqual([[['p', '1']]]);
      await run(client, ['put', `\u0000${prefix}`, 'v']);
      expect(await ask(client, ['get', `\u0000${prefix}`])).toEqual(['v']);
      const [all] = (await ask(client, ['range', '', ''])) as [string[]];
      expect(all.filter((key) => key.includes(prefix))).toEqual([]);
    });
  });
}
