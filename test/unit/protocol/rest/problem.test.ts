import { EkoError } from '@eko/protocol';
import { decodeProblem, encodeProblem } from '@eko/protocol/rest';

describe('a problem document', () => {
  it('carries an error there and back', () => {
    const error = new EkoError('FENCED', 'Another took over', {
      details: { fence: 3, silent: ['w1', 'w2'], isLead: false },
      cause: new Error('secret'),
    });
    const problem = encodeProblem(error);
    expect(problem).toEqual({
      type: 'urn:eko:error:FENCED',
      title: 'fenced',
      status: 409,
      code: 'FENCED',
      detail: 'Another took over',
      fence: 3,
      silent: ['w1', 'w2'],
      isLead: false,
    });
    const read = decodeProblem(JSON.parse(JSON.stringify(problem)), { peer: 'o1' });
    expect(read?.toJSON()).toEqual({ ...error.toJSON(), details: { ...error.details, peer: 'o1' } });
  });

  it('keeps its own members apart from the details', () => {
    const error = new EkoError('NOT_FOUND', 'None', { details: { status: 1, code: 'X', nodeId: 'n' } });
    expect(encodeProblem(error)).toMatchObject({ status: 404, code: 'NOT_FOUND', nodeId: 'n' });
  });

  it.each([
    null,
    'FENCED',
    [],
    {},
    { code: 5 },
    { code: 'NOPE' },
    { code: '__proto__' },
    { code: 'constructor' },
  ])('is not %j', (value) => {
    expect(decodeProblem(value)).toBeUndefined();
  });

  it('takes small public facts only from somebody else', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`d${index}`, index]));
    const read = decodeProblem({
      code: 'FENCED',
      detail: { not: 'text' },
      nested: { a: 1 },
      mixed: ['a', 1],
      long: 'x'.repeat(301),
      nothing: null,
      ...many,
    });
    expect(read?.message).toBe('FENCED');
    expect(Object.keys(read?.details ?? {})).toEqual(Array.from({ length: 16 }, (_, index) => `d${index}`));
  });
});
