import { parseConfig } from '../../../network/embedded/src/config';

describe('the configuration of the embedded ledger', () => {
  it('has a default for everything but the directory', () => {
    expect(parseConfig(['--directory', '/d'])).toMatchObject({
      channel: 'eko',
      chaincodeName: 'eko',
      contractsModule: undefined,
      host: '127.0.0.1',
      port: 0,
      blockTimeoutMs: 50,
      maxMessageCount: 500,
      organisations: [
        { mspId: 'Org1MSP', domain: 'org1.example.com' },
        { mspId: 'Org2MSP', domain: 'org2.example.com' },
      ],
      users: [],
    });
  });

  it('takes organisations and users', () => {
    const config = parseConfig([
      '--directory',
      '/d',
      '--organisation',
      'A=a.test',
      '--user',
      'A/u',
      '--user',
      'A/v/admin',
      '--user',
      'A/w/client/eko.role=witness/eko.zone=zone-1',
    ]);
    expect(config.organisations).toEqual([{ mspId: 'A', domain: 'a.test' }]);
    expect(config.users).toEqual([
      { mspId: 'A', name: 'u', role: 'client', attributes: {} },
      { mspId: 'A', name: 'v', role: 'admin', attributes: {} },
      {
        mspId: 'A',
        name: 'w',
        role: 'client',
        attributes: { 'eko.role': 'witness', 'eko.zone': 'zone-1' },
      },
    ]);
  });

  it.each([
    [[]],
    [['--directory']],
    [['--directory', '/d', '--unknown']],
    [['--directory', '/d', '--port', '0x10']],
    [['--directory', '/d', '--port', '65536']],
    [['--directory', '/d', '--block-timeout-ms', '0']],
    [['--directory', '/d', '--organisation', 'A']],
    [['--directory', '/d', '--organisation', 'A=../up']],
    [['--directory', '/d', '--user', 'A/../up']],
    [['--directory', '/d', '--user', 'A/u/peer']],
    [['--directory', '/d', '--user', 'A/u/client/eko.role']],
    [['--directory', '/d', '--user', 'A/u/client/=witness']],
    [['--directory', '/d', '--channel', 'a b']],
  ])('refuses %j', (args: string[]) => {
    expect(() => parseConfig(args)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }) as Error);
  });
});
