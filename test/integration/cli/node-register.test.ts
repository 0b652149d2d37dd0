import { join } from 'node:path';
import { issueIdentity } from '@eko/msp';
import { contracts } from '@eko/chaincode';
import { commandLine } from '../../support/in-process/command-line';
import { startExaminedLedger, type ExaminedLedger } from '../../support/in-process/examined-ledger';

describe('eko node register', () => {
  let eko: ExaminedLedger;
  let alice: string;
  beforeAll(async () => {
    eko = await startExaminedLedger(contracts);
    alice = eko.put('alice.json', JSON.stringify(eko.files));
    expect(await register('witness-1', alice)).toBeUndefined();
  });
  afterAll(() => eko.stop());

  /** Makes keys and registers a node with them; its error, where there is one. */
  const register = async (nodeId: string, profile: string): Promise<unknown> => {
    const node = [nodeId, '--role', 'witness', '--keys', join(eko.directory, `keys of ${nodeId}`)];
    await commandLine(['node', 'init', ...node]);
    const { stderr } = await commandLine([
      ...['node', 'register', ...node, '--endpoint', 'https://127.0.0.1:8443'],
      ...['--profile', profile, '--json'],
    ]);
    return stderr === '' ? undefined : (JSON.parse(stderr) as { error: unknown }).error;
  };

  it('says which node an identity has, where it is used for a second one', async () => {
    expect(await register('witness-2', alice)).toMatchObject({
      code: 'ALREADY_EXISTS',
      message: 'This Fabric identity has registered another node, witness-1',
      next: expect.stringContaining('each has its own') as string,
    });
  });

  it('says what to do where the name belongs to another identity', async () => {
    const { mspFolder } = await issueIdentity(eko.organisation, { name: 'bob' });
    const files = {
      ...eko.files,
      certificatePath: join(mspFolder, 'signcerts/bob@org1.example.com-cert.pem'),
      privateKeyPath: join(mspFolder, 'keystore/priv_sk'),
    };
    expect(await register('witness-1', eko.put('bob.json', JSON.stringify(files)))).toMatchObject({
      code: 'ALREADY_EXISTS',
      next: expect.stringContaining('choose another name') as string,
    });
  });
});
