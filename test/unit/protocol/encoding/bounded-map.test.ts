import { BoundedMap } from '@eko/protocol/encoding';

const KEYS = ['a', 'b', 'c', 'd', 'e'] as const;

/** What is left of a map; its own reads would change the order, so that it is asked last. */
const left = (map: BoundedMap<string, number>) => KEYS.filter((key) => map.get(key) !== undefined).join('');

const filled = (most: number, keys: readonly string[]) => {
  const map = new BoundedMap<string, number>(most);
  keys.forEach((key, place) => {
    map.set(key, place);
  });
  return map;
};

describe('a bounded map', () => {
  it('keeps as many entries as it is told to, and drops the oldest', () => {
    expect(left(filled(3, ['a', 'b', 'c']))).toBe('abc');
    expect(left(filled(3, ['a', 'b', 'c', 'd', 'e']))).toBe('cde');
    expect(left(filled(1, ['b', 'a']))).toBe('a');
  });

  it('keeps longer what is read', () => {
    const map = filled(3, ['a', 'b', 'c']);
    expect(map.get('a')).toBe(0);
    map.set('d', 3);
    expect(left(map)).toBe('acd');
  });

  it('takes a new value for a key without dropping another, and keeps that key longer', () => {
    const map = filled(3, ['a', 'b', 'c', 'a']);
    expect(map.get('b')).toBe(1);
    const again = filled(3, ['a', 'b', 'c', 'a', 'd']);
    expect(again.get('a')).toBe(3);
    expect(left(again)).toBe('acd');
  });

  it('knows a value that is falsy', () => {
    const map = filled(2, ['a', 'b']);
    expect(map.get('a')).toBe(0);
    map.set('c', 2);
    expect(left(map)).toBe('ac');
  });

  it('forgets what it is told to, and has its room again', () => {
    const map = filled(2, ['a', 'b']);
    map.delete('b');
    expect(map.get('b')).toBeUndefined();
    map.set('c', 2);
    expect(left(map)).toBe('ac');
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])('cannot be bounded by %p', (most) => {
    expect(() => new BoundedMap(most)).toThrow(RangeError);
  });
});
