import { join } from 'node:path';
import { issueIdentity } from '@eko/msp';
import { contracts } from '@eko/chaincode';
import { commandLine } from '../../support/in-process/command-line';
import { startExaminedLedger, type ExaminedLedger } from '../../support/in-process/examined-ledger';

const parsed = (text: string): unknown => JSON.parse(text);

describe('eko node retire', () => {
  let eko: ExaminedLedger;
  let profile: string;
  let keys: string;
  beforeAll(async () => {
    eko = await startExaminedLedger(contracts);
    profile = eko.put('alice.json', JSON.stringify(eko.files));
    keys = join(eko.directory, 'keys');
    await commandLine(['node', 'init', 'witness-7', '--role', 'witness', '--keys', keys]);
    expect(await register('--endpoint', 'https://127.0.0.1:8443')).toMatchObject({ status: 0 });
  });
  afterAll(() => eko.stop());

  const register = (...more: string[]) =>
    commandLine([
      ...['node', 'register', 'witness-7', '--role', 'witness'],
      ...['--keys', keys, '--profile', profile, ...more],
    ]);
  const retire = (nodeId: string, ...more: string[]) =>
    commandLine(['node', 'retire', nodeId, '--profile', profile, '--json', ...more]);
  const statusOnLedger = async (): Promise<unknown> => {
    const { stdout } = await commandLine(['node', 'show', 'witness-7', '--profile', profile, '--json']);
    return (parsed(stdout) as { status: unknown }).status;
  };

  it('says what it would do, and does nothing, until it is told --yes', async () => {
    const { status, stdout, stderr } = await retire('witness-7');
    expect([status, stdout]).toEqual([2, '']);
    expect(parsed(stderr)).toMatchObject({
      error: {
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('cannot be undone') as string,
        next: expect.stringContaining('--yes') as string,
      },
    });
    expect(await statusOnLedger()).toBe('pending');
  });

  it('is for the identity that registered the node, and for administrators', async () => {
    const { mspFolder } = await issueIdentity(eko.organisation, { name: 'mallory' });
    const files = {
      ...eko.files,
      certificatePath: join(mspFolder, 'signcerts/mallory@org1.example.com-cert.pem'),
      privateKeyPath: join(mspFolder, 'keystore/priv_sk'),
    };
    const other = eko.put('mallory.json', JSON.stringify(files));
    const args = ['node', 'retire', 'witness-7', '--profile', other, '--yes', '--json'];
    const { status, stderr } = await commandLine(args);
    expect(status).toBe(77);
    expect(parsed(stderr)).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await statusOnLedger()).toBe('pending');
  });

  it('names a node that is not registered', async () => {
    const { status, stderr } = await retire('witness-8', '--yes');
    expect(status).toBe(4);
    expect(parsed(stderr)).toMatchObject({
      error: { code: 'NOT_FOUND', next: expect.stringContaining('eko node show') as string },
    });
  });

  it('retires the node, once, and for good', async () => {
    const first = await retire('witness-7', '--yes');
    expect(first.status).toBe(0);
    expect(parsed(first.stdout)).toEqual({
      outcome: 'retired',
      nodeId: 'witness-7',
      role: 'witness',
      txId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      blockNumber: expect.anything() as unknown,
    });
    // Nobody had vouched for it yet, and now nobody will.
    expect(await statusOnLedger()).toBe('rejected');
    const again = await retire('witness-7', '--yes');
    expect(again.status).toBe(0);
    expect(parsed(again.stdout)).toEqual({ outcome: 'unchanged', nodeId: 'witness-7', role: 'witness' });
    const back = await register('--endpoint', 'https://127.0.0.1:8443', '--json');
    expect(parsed(back.stderr)).toMatchObject({ error: { code: 'BAD_STATE' } });
  });

  it('tells a person what to do with the process', async () => {
    const { stdout } = await commandLine(['node', 'retire', 'witness-7', '--profile', profile, '--yes']);
    expect(stdout).toContain('witness-7 is retired already.');
    expect(stdout).toContain('until the streams that it serves have ended');
  });
});
