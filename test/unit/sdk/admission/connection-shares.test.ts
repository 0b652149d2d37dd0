import { ConnectionShares, addressShareOf } from '@eko/sdk/node';

describe('shares of connections', () => {
  const ended: string[] = [];
  let shares: ConnectionShares;
  const start = (most: number, mostEach: number): void => {
    ended.length = 0;
    shares = new ConnectionShares({ most, mostEach });
  };
  const add = (owner: string, id: string): void => {
    shares.add(owner, id, () => ended.push(id));
  };

  it('let the oldest of an owner make room in its own share', () => {
    start(100, 2);
    for (const id of ['a1', 'a2', 'a3', 'a4']) add('a', id);
    add('b', 'b1');
    expect(ended).toEqual(['a1', 'a2']);
    expect(shares.size).toBe(3);
    expect(['a1', 'a3', 'b1'].map((id) => shares.has(id))).toEqual([false, true, true]);
  });

  it('let the oldest of whoever has most make room when all are full', () => {
    start(6, 6);
    add('member', 'm1');
    for (let n = 1; n <= 20; n += 1) add('flood', `f${n}`);
    expect(ended).toEqual(Array.from({ length: 15 }, (_, n) => `f${n + 1}`));
    expect(shares.has('m1')).toBe(true);
    add('member', 'm2');
    expect(ended.at(-1)).toBe('f16');
  });

  it('never let the newest go, however many owners have one each', () => {
    start(3, 3);
    for (const owner of ['a', 'b', 'c', 'd', 'e']) {
      add(owner, owner);
      expect(shares.has(owner)).toBe(true);
    }
    expect(ended).toEqual(['a', 'b']);
  });

  it('forget what left by itself, without ending it', () => {
    start(2, 2);
    add('a', 'a1');
    add('a', 'a2');
    expect([shares.remove('a1'), shares.remove('a1')]).toEqual([true, false]);
    add('a', 'a3');
    expect([ended, shares.size]).toEqual([[], 2]);
  });
});

describe('who shares a bound with an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s: %s', (address, share) => {
    expect(addressShareOf(address)).toBe(share);
  });
});
