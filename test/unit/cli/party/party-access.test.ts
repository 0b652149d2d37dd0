import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findParty } from '../../../../client-sdk/cli/src/party/party-access';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

const TOKEN = 'k'.repeat(43);

function choice(change: { address?: string; tokenFile?: string; mode?: number; token?: string } = {}) {
  const directory = newFolder();
  const file = join(directory, 'api.token');
  writeFileSync(file, change.token ?? `${TOKEN}\n`);
  chmodSync(file, change.mode ?? 0o600);
  const address = 'address' in change ? change.address : 'http://127.0.0.1:8080';
  return { address, tokenFile: change.tokenFile ?? file, directory, nodeId: 'initiator' };
}

describe('findParty', () => {
  it('takes an address and a token file', async () => {
    const { address, token } = await findParty(choice());
    expect(address.origin).toBe('http://127.0.0.1:8080');
    expect(token).toBe(TOKEN);
  });

  it.each([
    ['http to another machine', { address: 'http://party.example:8080' }, 'INVALID_ARGUMENT'],
    ['another protocol', { address: 'ftp://127.0.0.1/' }, 'INVALID_ARGUMENT'],
    ['what is no address', { address: 'party' }, 'INVALID_ARGUMENT'],
    ['a token that others can read', { mode: 0o644 }, 'INVALID_CONFIG'],
    ['a token file that is not there', { tokenFile: '/nonexistent/token' }, 'INVALID_CONFIG'],
    ['a token file that is a folder', { tokenFile: '/' }, 'INVALID_CONFIG'],
    ['an empty token file', { token: '\n' }, 'INVALID_CONFIG'],
  ])('refuses %s', async (_what, change, code) => {
    await expect(findParty(choice(change))).rejects.toMatchObject({ code });
  });

  it('refuses half an answer, and a network that is not there', async () => {
    const given = choice();
    await expect(findParty({ ...given, tokenFile: undefined })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const neither = { ...given, address: undefined, tokenFile: undefined };
    await expect(findParty(neither)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
