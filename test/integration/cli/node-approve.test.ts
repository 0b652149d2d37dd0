import { join } from 'node:path';
import { contracts } from '@eko/chaincode';
import { commandLine } from '../../support/in-process/command-line';
import {
  profileOfNew,
  startExaminedLedger,
  type ExaminedLedger,
} from '../../support/in-process/examined-ledger';

const ENDPOINT = ['--endpoint', 'https://127.0.0.1:8443'];

describe('eko node approve and reject', () => {
  let eko: ExaminedLedger;
  let administrator: string;
  beforeAll(async () => {
    eko = await startExaminedLedger(contracts);
    administrator = await profileOfNew(eko, { name: 'admin', role: 'admin' });
  });
  afterAll(() => eko.stop());

  const keysOf = (nodeId: string): string => join(eko.directory, `keys of ${nodeId}`);
  const ok = async (...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { status, stdout, stderr } = await commandLine([...args, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  };
  const refused = async (...args: readonly string[]): Promise<unknown> => {
    const { stderr } = await commandLine([...args, '--json']);
    return (JSON.parse(stderr) as { error: unknown }).error;
  };
  const register = async (nodeId: string, profile: string, ...more: string[]) => {
    const node = [nodeId, '--role', 'witness'];
    await commandLine(['node', 'init', ...node, '--keys', keysOf(nodeId)]);
    return [
      'node',
      'register',
      ...node,
      '--keys',
      keysOf(nodeId),
      '--profile',
      profile,
      ...ENDPOINT,
      ...more,
    ];
  };
  const show = (nodeId: string) => ok('node', 'show', nodeId, '--profile', administrator);

  it('lets a witness take part that an operator has registered', async () => {
    const operator = await profileOfNew(eko, { name: 'witness-1' });
    const args = await register('witness-1', operator, '--zone', 'north');
    expect(await ok(...args)).toMatchObject({ outcome: 'registered', status: 'pending', waits: true });
    const told = await commandLine(args);
    expect(told.stdout).toContain('an administrator of Org1MSP has approved it: eko node approve witness-1');
    const own = await refused('node', 'approve', 'witness-1', '--profile', operator);
    expect(own).toMatchObject({ code: 'FORBIDDEN' });
    const stranger = await profileOfNew(eko, { name: 'admin', role: 'admin' }, eko.other);
    const foreign = await refused('node', 'approve', 'witness-1', '--profile', stranger);
    expect(foreign).toMatchObject({ code: 'FORBIDDEN' });
    const approved = await commandLine(['node', 'approve', 'witness-1', '--profile', administrator]);
    expect(approved.stdout).toMatch(/witness-1 is approved: transaction [0-9a-f]{64}/);
    expect(approved.stdout).toContain('witness of Org1MSP at https://127.0.0.1:8443, zone north, tags -');
    expect(await show('witness-1')).toMatchObject({ status: 'active', zone: 'north' });
    expect(await ok('node', 'approve', 'witness-1', '--profile', administrator)).toMatchObject({
      outcome: 'unchanged',
    });
  });

  it('lets its new zone count when that is approved, and asks no second time', async () => {
    const operator = join(eko.directory, 'witness-1.Org1MSP.json');
    const args = await register('witness-1', operator, '--zone', 'south');
    expect(await ok(...args)).toMatchObject({ outcome: 'updated', status: 'active', waits: true });
    expect(await ok(...args)).toMatchObject({ outcome: 'unchanged', waits: true });
    expect(await show('witness-1')).toMatchObject({ zone: 'north', proposed: { zone: 'south' } });
    await ok('node', 'approve', 'witness-1', '--profile', administrator);
    expect(await show('witness-1')).toMatchObject({ zone: 'south' });
  });

  it('turns a witness away', async () => {
    const operator = await profileOfNew(eko, { name: 'witness-2' });
    await ok(...(await register('witness-2', operator)));
    expect(await ok('node', 'reject', 'witness-2', '--profile', administrator)).toMatchObject({
      outcome: 'rejected',
    });
    expect(await show('witness-2')).toMatchObject({ status: 'rejected' });
    expect(await refused('node', 'approve', 'witness-2', '--profile', administrator)).toMatchObject({
      code: 'BAD_STATE',
    });
  });

  it('is not needed where the certificate says what the node is', async () => {
    const attributes = { 'eko.role': 'witness', 'eko.zone': 'north' };
    const operator = await profileOfNew(eko, { name: 'witness-3', attributes });
    const outcome = await ok(...(await register('witness-3', operator, '--zone', 'north')));
    expect(outcome).toMatchObject({ outcome: 'registered', status: 'active', waits: false });
  });

  it('is no way for an administrator to retire the node of another organisation', async () => {
    const stranger = join(eko.directory, 'admin.Org2MSP.json');
    const args = ['node', 'retire', 'witness-3', '--yes', '--profile'];
    expect(await refused(...args, stranger)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ok(...args, administrator)).toMatchObject({ outcome: 'retired' });
  });

  it('names a node that is not registered', async () => {
    expect(await refused('node', 'approve', 'witness-9', '--profile', administrator)).toMatchObject({
      code: 'NOT_FOUND',
      next: expect.stringContaining('eko node show') as string,
    });
  });
});

describe('eko node register with other keys', () => {
  let eko: ExaminedLedger;
  beforeAll(async () => {
    eko = await startExaminedLedger(contracts);
  });
  afterAll(() => eko.stop());

  it('asks for the keys that the ledger has, which sign the change', async () => {
    const profile = eko.put('alice.json', JSON.stringify(eko.files));
    const folders = ['first', 'second'].map((name) => join(eko.directory, name));
    for (const keys of folders)
      await commandLine(['node', 'init', 'clinic', '--role', 'party', '--keys', keys]);
    const [first = '', second = ''] = folders;
    const register = async (keys: string, ...more: string[]): Promise<unknown> => {
      const args = ['node', 'register', 'clinic', '--role', 'party', '--keys', keys, '--profile', profile];
      const { stdout, stderr } = await commandLine([...args, ...more, '--json']);
      return JSON.parse(stdout + stderr) as unknown;
    };
    expect(await register(first)).toMatchObject({ outcome: 'registered', status: 'active' });
    expect(await register(second)).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', next: expect.stringContaining('--former-keys') as string },
    });
    expect(await register(second, '--former-keys', first)).toMatchObject({ outcome: 'updated', keyEpoch: 2 });
    expect(await register(first, '--former-keys', first)).toMatchObject({
      error: { code: 'BAD_SIGNATURE' },
    });
    expect(await register(first, '--former-keys', second)).toMatchObject({ keyEpoch: 3 });
  });
});
