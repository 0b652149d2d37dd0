import { StreamPage, parseAnswer } from '@eko/protocol/rest';
import { codedError } from '../../../support/coded-error';
import { streamOf } from '../../../support/simulated/scripted-party';

const END = { bundleId: streamOf({}).bundleId, reason: 'expired', atUnixMs: 1 } as const;

describe('the answer of a party', () => {
  it('may hold more than is known here, at every depth, and comes back as it was', () => {
    const stream = streamOf({ state: 'ended', end: END });
    const request = { ...stream.request, colour: 'green' };
    const more = { ...stream, request, end: { ...END, weather: ['rain'] }, mood: 1 };
    const page = { streams: [more], total: 1 };
    expect(parseAnswer(StreamPage, page, 'Answer')).toBe(page);
  });

  it.each([
    ['without a field', { provider: undefined }, 'streams.0.provider'],
    ['with a field of another kind', { index: '0' }, 'streams.0.index'],
    ['with a word that has no meaning here', { state: 'asleep' }, 'streams.0.state'],
    ['with less at depth', { end: { ...END, reason: undefined } }, 'streams.0.end'],
  ])('is refused %s', (_what, change, field) => {
    const page = { streams: [{ ...streamOf({}), ...change }] };
    const { code, details } = codedError(() => parseAnswer(StreamPage, page, 'Answer'));
    expect([code, details['field']]).toEqual(['CORRUPT_RECORD', expect.stringContaining(field)]);
  });
});
