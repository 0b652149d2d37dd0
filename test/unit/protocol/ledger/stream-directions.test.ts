import { StreamRequest } from '@eko/protocol';
import { fits } from '@eko/protocol/encoding';
import { streamDirectionsOf } from '@eko/protocol/ledger';

describe('the permissions of a stream', () => {
  it.each([
    [['read'], true, false],
    [['write'], false, true],
    [['app:audit', 'write', 'read'], true, true],
    [['app:read', 'app:write'], false, false],
  ])(
    '%j grant their directions, and words of the application none',
    (permissions, toInitiator, toProvider) => {
      expect(streamDirectionsOf(permissions)).toEqual({ toInitiator, toProvider });
    },
  );

  it.each([
    ['read', true],
    ['write', true],
    ['app:render-1/low', true],
    [`app:${'x'.repeat(60)}`, true],
    [`app:${'x'.repeat(61)}`, false],
    ['app:', false],
    ['app: x', false],
    ['Read', false],
    ['readwrite', false],
    ['read\n', false],
    ['render', false],
  ])('%j: %p', (word, isPermission) => {
    expect(fits(StreamRequest, { dataType: 'file', permissions: [word] })).toBe(isPermission);
  });
});
