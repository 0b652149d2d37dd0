import { TokenBuckets } from '../../../../network/node-kit/src/http/token-buckets';

describe('token buckets', () => {
  let nowMs = 0;
  const start = (ratePerSecond: number, rateBurst: number): TokenBuckets => {
    nowMs = 0;
    return new TokenBuckets({ ratePerSecond, rateBurst }, () => nowMs);
  };
  const taken = (buckets: TokenBuckets, caller: string, tries: number): number =>
    Array.from({ length: tries }, () => buckets.take(caller)).filter((waitMs) => waitMs === 0).length;

  it('are empty after the burst while the clock stands at 0', () => {
    const buckets = start(10, 5);
    expect(taken(buckets, 'a', 100)).toBe(5);
    expect(taken(buckets, 'a', 100)).toBe(0);
    expect(buckets.take('a')).toBe(100);
  });

  it('are one for each caller', () => {
    const buckets = start(10, 5);
    taken(buckets, 'a', 100);
    expect(taken(buckets, 'b', 100)).toBe(5);
  });

  it('fill at their rate, up to the burst and no further', () => {
    const buckets = start(10, 5);
    taken(buckets, 'a', 100);
    nowMs += 300;
    expect(taken(buckets, 'a', 100)).toBe(3);
    nowMs += 3_600_000;
    expect(taken(buckets, 'a', 100)).toBe(5);
  });

  it('lose nothing to who asks while they are empty', () => {
    const buckets = start(1, 1);
    taken(buckets, 'a', 1);
    for (let step = 0; step < 3; step += 1) {
      nowMs += 250;
      expect(buckets.take('a')).toBeGreaterThan(0);
    }
    nowMs += 250;
    expect(buckets.take('a')).toBe(0);
  });

  it('say after how long the next token is there', () => {
    const buckets = start(4, 1);
    taken(buckets, 'a', 1);
    expect(buckets.take('a')).toBe(250);
    nowMs += 100;
    expect(buckets.take('a')).toBe(150);
  });
});
