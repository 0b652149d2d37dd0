import type { Transaction } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { ask, commit, endorse, ownPrefix, run, type Step } from './probe';
import type { Suite } from './suite-context';

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = peer.TxValidationCode;

/** What of two transactions that were endorsed on the same state becomes valid. */
export function describeConflicts(suite: Suite): void {
  describe('conflicts', () => {
    /** Endorses a transaction, lets others commit, and gives the code that the first one gets after them. */
    const overtaken = async (steps: readonly Step[], ...others: readonly (readonly Step[])[]) => {
      const { client } = suite();
      const late = await endorse(client, ...steps);
      for (const other of others) await run(client, ...other);
      return commit(late);
    };

    it('let one of two transactions through that read and write the same key', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const both: readonly Transaction[] = [
        await endorse(client, ['get', key], ['put', key, 'a']),
        await endorse(client, ['get', key], ['put', key, 'b']),
      ];
      const sent = await Promise.all(both.map((transaction) => transaction.submit()));
      const codes = await Promise.all(sent.map(async (each) => (await each.getStatus()).code));
      expect([...codes].sort()).toEqual([VALID, MVCC_READ_CONFLICT]);
      expect(await ask(client, ['get', key])).toEqual([codes[0] === VALID ? 'a' : 'b']);
    });

    it('go by the version of a key and not by its value', async () => {
      const { client } = suite();
      const key = ownPrefix();
      await run(client, ['put', key, 'same']);
      expect(await overtaken([['get', key]], [['put', key, 'same']])).toBe(MVCC_READ_CONFLICT);
      expect(await overtaken([['get', key]], [['delete', key]], [['put', key, 'same']])).toBe(
        MVCC_READ_CONFLICT,
      );
    });

    it('see a key that came, and one that came and went', async () => {
      const prefix = ownPrefix();
      const read = [['get', `${prefix}k`]] as const;
      const came = [['put', `${prefix}k`, 'v']] as const;
      const went = [['delete', `${prefix}k`]] as const;
      expect(await overtaken(read, came, went)).toBe(VALID);
      expect(await overtaken(read, came)).toBe(MVCC_READ_CONFLICT);
    });

    it('do not exist between transactions that only write', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const both = [await endorse(client, ['put', key, 'a']), await endorse(client, ['put', key, 'b'])];
      const sent = await Promise.all(both.map((transaction) => transaction.submit()));
      const codes = await Promise.all(sent.map(async (each) => (await each.getStatus()).code));
      expect(codes).toEqual([VALID, VALID]);
      expect(await overtaken([['put', key, 'c']], [['delete', key]])).toBe(VALID);
      expect(await ask(client, ['get', key])).toEqual(['c']);
    });

    it('do not exist where another transaction was itself invalid', async () => {
      const { client } = suite();
      const key = ownPrefix();
      const reader = await endorse(client, ['get', `${key}a`], ['get', `${key}b`]);
      const invalid = await endorse(client, ['get', `${key}c`], ['put', `${key}a`, 'v']);
      await run(client, ['put', `${key}c`, 'v']);
      expect(await commit(invalid)).toBe(MVCC_READ_CONFLICT);
      expect(await commit(reader)).toBe(VALID);
    });

    it('see a range that a key has come into, has gone from, or was changed in', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      await run(client, ['put', `${prefix}a1`, 'v'], ['put', `${prefix}a2`, 'v']);
      const walk = [['range', `${prefix}a`, `${prefix}b`]] as const;
      expect(await overtaken(walk, [['put', `${prefix}b`, 'the end is exclusive']])).toBe(VALID);
      expect(await overtaken(walk, [['put', `${prefix}a3`, 'v']])).toBe(PHANTOM_READ_CONFLICT);
      expect(await overtaken(walk, [['delete', `${prefix}a1`]])).toBe(PHANTOM_READ_CONFLICT);
      expect(await overtaken(walk, [['put', `${prefix}a2`, 'other']])).toBe(PHANTOM_READ_CONFLICT);
    });

    it('reach as far as the peer has read a range: whole hundreds, and one key more to see whether there is one', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      const keys = Array.from({ length: 150 }, (_, place) => prefix + String(place).padStart(3, '0'));
      await run(client, ...keys.map((key) => ['put', key, 'v'] as const));
      const change = (place: number): readonly Step[] => [['put', keys[place] ?? '', 'changed']];
      const walk = (count: number): readonly Step[] => [['range', prefix, `${prefix}~`, count]];
      expect(await overtaken(walk(1), change(99))).toBe(PHANTOM_READ_CONFLICT);
      expect(await overtaken(walk(1), change(100))).toBe(PHANTOM_READ_CONFLICT);
      expect(await overtaken(walk(100), change(101))).toBe(VALID);
      expect(await overtaken(walk(100), [['put', `${prefix}~`, 'v']])).toBe(VALID);
      expect(await overtaken(walk(101), change(149))).toBe(PHANTOM_READ_CONFLICT);
    });

    it('reach to the end of a range that was seen to end', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      await run(client, ...['a', 'b'].map((key) => ['put', prefix + key, 'v'] as const));
      const first = [['range', prefix, `${prefix}~`, 1]] as const;
      expect(await overtaken(first, [['put', `${prefix}z`, 'v']])).toBe(PHANTOM_READ_CONFLICT);
    });

    it('come to a reader of a range and a key by the key first', async () => {
      const { client } = suite();
      const prefix = ownPrefix();
      await run(client, ['put', `${prefix}a`, 'v']);
      const both = [
        ['range', prefix, `${prefix}~`],
        ['get', `${prefix}a`],
      ] as const;
      expect(await overtaken(both, [['put', `${prefix}a`, 'other']])).toBe(MVCC_READ_CONFLICT);
    });
  });
}
