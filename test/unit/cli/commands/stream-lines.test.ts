import { streamLines } from '../../../../client-sdk/cli/src/commands/stream-lines';
import { streamOf } from '../../../support/simulated/scripted-party';

describe('a stream for people', () => {
  const ended = streamOf({ state: 'ended' });
  const { bundleId } = ended;
  const txId = 'a'.repeat(64);

  it.each([
    [
      'somebody ended',
      { bundleId, reason: 'revoked', by: 'lab', txId, atUnixMs: 1 } as const,
      `ended       revoked by lab, transaction ${txId}`,
    ],
    ['lapsed', { bundleId, reason: 'expired', atUnixMs: 1 } as const, 'ended       expired by itself'],
  ])('that %s says so', (_how, end, line) => {
    expect(streamLines({ ...ended, end })).toContain(line);
  });
});
