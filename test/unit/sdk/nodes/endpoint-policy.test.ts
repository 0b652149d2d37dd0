import { EndpointPolicy, type EndpointPolicyOptions } from '@eko/sdk/node';
import { rejectionOf } from '../../../support/coded-error';

/** A policy whose names lead to the given addresses. */
const policy = (addresses: readonly string[] = [], options: EndpointPolicyOptions = {}) =>
  new EndpointPolicy({ resolve: async () => addresses, ...options });

const refusalOf = async (endpoint: string, of = policy()) => (await rejectionOf(of.check(endpoint))).code;

describe('an endpoint policy', () => {
  it.each([
    'http://node.example:8443',
    'file:///etc/passwd',
    'https://user:pass@node.example:8443',
    'https://node.example:8443/path',
    'https://node.example:8443?x',
    'https://node.example:8443#x',
    'https://node.example',
    'https://node.example:22',
    'https://node.example:99999',
    'https://127.1:8443',
    'https://0x7f.1:8443',
    'https://2130706433:8443',
    'https://0177.0.0.1:8443',
    'https://[::ffff:127.0.0.1]:8443',
    'https://[::ffff:7f00:1]:8443',
    'https://n\u043ede.example:8443',
    'https://xn--nde-5cd.example:8443',
    'https://Node.example:8443',
    `https://${'a'.repeat(3000)}:8443`,
    'https://node.example:8443\r\nhost: x',
  ])('refuses the form %s', async (endpoint) => {
    expect(await refusalOf(endpoint, policy(['93.184.216.34']))).toBe('INVALID_ENDPOINT');
  });

  it('names the setting that allows what it refuses', async () => {
    const { code, message } = await rejectionOf(policy().check('https://10.1.2.3:8443'));
    expect([code, message]).toEqual([
      'ENDPOINT_REFUSED',
      expect.stringMatching(/allowAddresses.*10\.0\.0\.0\/8/),
    ]);
  });

  const inner = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.255',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:93.184.216.34',
    '::ffff:0:127.0.0.1',
    '::ffff:0:7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '64:ff9b:1:ffff::a00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::1',
    '2606:2800:220:1:0:5efe:7f00:1',
    '2606:2800:220:1:200:5efe:10.0.0.1',
    '2606:2800:220::5efe:10.0.0.1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    '100::1',
    '2606:2800:220:1::1%1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
  ];
  it.each(inner)('refuses a name that leads to %s', async (address) => {
    expect(await refusalOf('https://node.example:8443', policy([address]))).toBe('ENDPOINT_REFUSED');
    // Also where it hides behind a public one.
    expect(await refusalOf('https://node.example:8443', policy(['93.184.216.34', address]))).toBe(
      'ENDPOINT_REFUSED',
    );
  });

  it('refuses inner addresses that are written out', async () => {
    for (const host of ['127.0.0.1', '169.254.169.254', '10.0.0.1', '[::1]', '[fd00::1]']) {
      expect(await refusalOf(`https://${host}:8443`)).toBe('ENDPOINT_REFUSED');
    }
  });

  it.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1::1'])(
    'answers the address that it checked: %s',
    async (address) => {
      expect(await policy([address]).check('https://node.example:8443')).toEqual({ address, port: 8443 });
    },
  );

  it('looks a name up once, so that a second answer cannot lead elsewhere', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const rebinding = new EndpointPolicy({ resolve: async () => answers.shift() ?? [] });
    expect((await rebinding.check('https://node.example:443')).address).toBe('93.184.216.34');
    expect(await refusalOf('https://node.example:443', rebinding)).toBe('ENDPOINT_REFUSED');
  });

  it('allows what the configuration allows, and no more', async () => {
    const local = policy([], { allowAddresses: ['127.0.0.0/8', '10.1.0.0/16', 'fd00::/8', '192.168.1.5'] });
    for (const host of ['127.0.0.1', '10.1.255.1', '[fd12::1]', '192.168.1.5']) {
      await local.check(`https://${host}:8443`);
    }
    for (const host of ['10.2.0.1', '192.168.1.6', '[::1]', '169.254.169.254']) {
      expect(await refusalOf(`https://${host}:8443`, local)).toBe('ENDPOINT_REFUSED');
    }
  });

  it('does not take a form of IPv6 for the IPv4 address in it that is allowed, nor a network of one family for the other', async () => {
    const local = policy(['::ffff:127.0.0.1'], { allowAddresses: ['127.0.0.0/8', 'fd00::/8'] });
    expect(await refusalOf('https://node.example:8443', local)).toBe('ENDPOINT_REFUSED');
    const mapped = policy(['10.0.0.1'], { allowAddresses: ['::/0'] });
    expect(await refusalOf('https://node.example:8443', mapped)).toBe('ENDPOINT_REFUSED');
    // Where a network reaches IPv4 through a translator, its owner says so.
    const translated = policy(['64:ff9b::a00:1'], { allowAddresses: ['64:ff9b::/96'] });
    expect((await translated.check('https://node.example:8443')).address).toBe('64:ff9b::a00:1');
  });

  it.each(['localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8x', 'fd00::/129', ''])(
    'refuses the network %j in its configuration',
    async (network) => {
      const error = await rejectionOf(() => new EndpointPolicy({ allowAddresses: [network] }));
      expect([error.code, error.details]).toEqual(['INVALID_CONFIG', { key: 'allowAddresses' }]);
    },
  );

  it('says that a name is not known', async () => {
    expect(await refusalOf('https://node.example:8443', policy([]))).toBe('PEER_UNAVAILABLE');
    expect(await refusalOf('https://node.invalid:8443', new EndpointPolicy())).toBe('PEER_UNAVAILABLE');
  });
});
