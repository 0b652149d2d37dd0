import { Type } from '@sinclair/typebox';
import { fits, parseWith } from '../../../../../client-sdk/protocol/src/encoding/schema-check';
import { distinctArray } from '../../../../../client-sdk/protocol/src/ledger/schemas/distinct-array';
import { codedError } from '../../../../support/coded-error';

const words = distinctArray(Type.String({ pattern: '^[a-z]+$' }), { minItems: 1, maxItems: 3 });

describe('an array of distinct items', () => {
  it.each([[['a']], [['c', 'b', 'a']]])('takes %j', (value) => {
    expect(fits(words, value)).toBe(true);
  });

  it.each([
    [[]],
    [['a', 'a']],
    [['a', 'b', 'a']],
    [['a', 'b', 'c', 'd']],
    [['a', 1]],
    [['A']],
    [{ 0: 'a' }],
    ['a'],
  ])('refuses %j', (value) => {
    expect(fits(words, value)).toBe(false);
  });

  it('needs no least number, and names the field that does not fit', () => {
    const indices = Type.Object({ streams: distinctArray(Type.Integer(), { maxItems: 2 }) });
    expect(fits(indices, { streams: [] })).toBe(true);
    const error = codedError(() => parseWith(indices, { streams: [4, 4] }, 'Request'));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', details: { field: 'streams' } });
    expect(error.message).toContain('0 to 2 items, none of them twice');
  });

  it('names the item that does not fit, not its value', () => {
    const error = codedError(() => parseWith(Type.Object({ words }), { words: ['a', 'SECRET'] }, 'Request'));
    expect(error.details).toEqual({ field: 'words.1' });
    expect(error.message).not.toMatch(/SECRET|DistinctArray/);
  });
});
