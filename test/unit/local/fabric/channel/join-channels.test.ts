import { parseOsnadmin } from '../../../../../network/local/src/fabric/channel/join-channels';

describe('what osnadmin prints', () => {
  it.each([
    ['Status: 200\n{"channels": null}\n', { status: 200, body: { channels: null } }],
    ['Status: 204\n', { status: 204, body: undefined }],
    ['Status: 400\n{"error": "x"}', { status: 400, body: { error: 'x' } }],
    ['{"channels": null}', { status: 0, body: undefined }],
    ['Status: 200\n{', { status: 0, body: undefined }],
    ['', { status: 0, body: undefined }],
  ])('%j', (stdout, expected) => {
    expect(parseOsnadmin(stdout)).toEqual(expected);
  });
});
