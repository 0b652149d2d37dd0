import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFabricProfile } from '@eko/sdk';
import { loadFabricProfile, profileFilesFromEnvironment } from '@eko/sdk/node';

describe('Fabric profiles', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-profile-'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  const put = async (path: string, text: string): Promise<void> => {
    const file = join(directory, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
  };

  it("follows the samples' variables and their layout below CRYPTO_PATH", async () => {
    await put('users/User1@org1.example.com/msp/signcerts/anything.pem', 'certificate');
    await put('users/User1@org1.example.com/msp/keystore/priv_sk', 'key');
    await put('peers/peer0.org1.example.com/tls/ca.crt', 'authority');
    const files = await profileFilesFromEnvironment({ CRYPTO_PATH: directory, CHANNEL_NAME: 'trade' });
    expect(await loadFabricProfile(files)).toEqual({
      endpoint: 'localhost:7051',
      hostAlias: 'peer0.org1.example.com',
      mspId: 'Org1MSP',
      channel: 'trade',
      chaincode: 'eko',
      tlsCaPem: 'authority',
      certificatePem: 'certificate',
      privateKeyPem: 'key',
    });
  });

  it.each([
    ['nothing that leads to a certificate', {}, 'CERT_DIRECTORY_PATH'],
    ['a folder that is not there', { CRYPTO_PATH: '/nowhere' }, 'CERT_DIRECTORY_PATH'],
  ])('refuses %s', async (_what, env, variable) => {
    await expect(profileFilesFromEnvironment(env)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining(variable) as string,
    });
  });

  it('reads a profile file with paths next to it', async () => {
    await put('ca.pem', 'authority');
    await put('alice.pem', 'certificate');
    await put('alice.key', 'key');
    const fields = {
      endpoint: '127.0.0.1:7051',
      mspId: 'Org1MSP',
      channel: 'trade',
      chaincode: 'eko',
      tlsCaPath: 'ca.pem',
      certificatePath: 'alice.pem',
      privateKeyPath: 'alice.key',
    };
    await put('profile.json', JSON.stringify(fields));
    expect(await readFabricProfile(join(directory, 'profile.json'))).toEqual({
      endpoint: '127.0.0.1:7051',
      mspId: 'Org1MSP',
      channel: 'trade',
      chaincode: 'eko',
      tlsCaPem: 'authority',
      certificatePem: 'certificate',
      privateKeyPem: 'key',
    });
  });

  it.each([
    ['text that is no JSON', '{', 'JSON'],
    ['another shape', '[]', 'object'],
    ['an unknown field', '{"peer":"x"}', 'peer'],
    ['a field of another type', '{"endpoint":7051}', 'endpoint'],
    ['a missing field', '{}', 'endpoint'],
  ])('refuses %s, naming it', async (_what, text, named) => {
    await put('profile.json', text);
    await expect(readFabricProfile(join(directory, 'profile.json'))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining(named) as string,
    });
  });
});
