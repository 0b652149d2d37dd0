import { ask, ownPrefix, run, type Step } from './probe';
import { refusalOf } from './refusal';
import type { Suite } from './suite-context';

/** What reads over more than one key give. */
export function describeRanges(suite: Suite): void {
  describe('ranges', () => {
    const putAll = async (prefix: string, keys: readonly string[]): Promise<void> => {
      await run(suite().client, ...keys.map((key): Step => ['put', prefix + key, 'v']));
    };
    const walk = async (...operands: readonly unknown[]): Promise<readonly string[]> => {
      const [keys] = (await ask(suite().client, ['range', ...operands])) as [readonly string[]];
      return keys;
    };

    it('go from the start up to, and without, the end', async () => {
      const prefix = ownPrefix();
      await putAll(prefix, ['a', 'b', 'b0', 'c', 'd']);
      const inside = async (start: string, end: string): Promise<readonly string[]> =>
        (await walk(prefix + start, prefix + end)).map((key) => key.slice(prefix.length));
      expect(await inside('b', 'd')).toEqual(['b', 'b0', 'c']);
      expect(await inside('', 'b')).toEqual(['a']);
      expect(await inside('bb', 'c')).toEqual([]);
      expect(await inside('b', 'b')).toEqual([]);
      expect(await inside('d', 'b')).toEqual([]);
    });

    it('go on to the last key without an end, and from the first without a start', async () => {
      const prefix = ownPrefix();
      await putAll(prefix, ['a']);
      const all = await walk('', '');
      expect(all).toContain(`${prefix}a`);
      expect(await walk(prefix, '')).toEqual(
        all.filter((key) => Buffer.compare(bytes(key), bytes(prefix)) >= 0),
      );
      expect(await walk('', prefix)).toEqual(
        all.filter((key) => Buffer.compare(bytes(key), bytes(prefix)) < 0),
      );
    });

    it('are in the order of the bytes of their keys', async () => {
      const prefix = ownPrefix();
      const keys = ['\u{1f600}', '\uffee', 'z', 'Z', 'é', '\u0001', 'a\u0000', 'a', '10', '9'];
      await putAll(prefix, keys);
      const inOrder = keys.map((key) => prefix + key).sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
      expect(await walk(prefix, `${prefix}\u{10ffff}`)).toEqual(inOrder);
    });

    it('are whole however many keys they hold, and can be left before their end', async () => {
      const prefix = ownPrefix();
      const keys = Array.from({ length: 205 }, (_, place) => String(place).padStart(3, '0'));
      await putAll(prefix, keys);
      const whole = keys.map((key) => prefix + key);
      expect(await walk(prefix, `${prefix}~`)).toEqual(whole);
      expect(await walk(prefix, `${prefix}~`, 120)).toEqual(whole.slice(0, 120));
      expect(await walk(prefix, `${prefix}100`)).toEqual(whole.slice(0, 100));
    });

    it('do not begin or end among composite keys', async () => {
      const { client } = suite();
      const text = 'contains a null character which is not allowed';
      expect(await refusalOf(client, ['range', '\u0000a', 'b'])).toContain(text);
      expect(await refusalOf(client, ['range', 'a', '\u0000b'])).toContain(text);
    });
  });
}

const bytes = (key: string): Buffer => Buffer.from(key);
