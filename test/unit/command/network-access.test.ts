import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  networkParty,
  readNetworkAccess,
  writeNetworkAccess,
} from '../../../client-sdk/command/src/network-access';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

describe('what a network on this machine says of itself', () => {
  const parties = [
    { nodeId: 'initiator', address: 'http://127.0.0.1:8080', tokenFile: 'nodes/initiator/api.token' },
  ];

  it('is read as it was written, with complete paths', async () => {
    const directory = newFolder();
    await writeNetworkAccess(directory, { version: 1, parties });
    await expect(readNetworkAccess(directory)).resolves.toEqual({
      version: 1,
      parties: [{ ...parties[0], tokenFile: join(directory, 'nodes/initiator/api.token') }],
    });
  });

  it('names each of its parties, and no other', async () => {
    const directory = newFolder();
    await writeNetworkAccess(directory, { version: 1, parties });
    await expect(networkParty(directory, 'initiator')).resolves.toMatchObject({
      address: 'http://127.0.0.1:8080',
    });
    await expect(networkParty(directory, 'stranger')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { nodeId: 'stranger' },
    });
  });

  it('is missing where there is no network: one is to be started', async () => {
    await expect(readNetworkAccess(newFolder())).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { next: 'start one: eko dev up; or name the folder of one that there is: --directory' },
    });
  });

  it('is missing beside a network that an earlier version started: that one is to be started again', async () => {
    const directory = newFolder();
    writeFileSync(join(directory, 'network.json'), '{}');
    await expect(readNetworkAccess(directory)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { next: 'start it again, which writes that file: eko dev down, then eko dev up' },
    });
  });

  it.each(['', '{', '{"version":2,"parties":[]}', '{"version":1}'])(
    'is not believed where it was changed: %j',
    async (text) => {
      const directory = newFolder();
      writeFileSync(join(directory, 'access.json'), text);
      await expect(readNetworkAccess(directory)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    },
  );
});
