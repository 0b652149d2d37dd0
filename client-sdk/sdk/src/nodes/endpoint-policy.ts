import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { EkoError, parseEndpoint } from '@eko/protocol';

/** Where to connect: an address that was checked, so that no second look-up can change it. */
export interface CheckedAddress {
  readonly address: string;
  readonly port: number;
}

/** Finds the addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** Which addresses of the registry a node connects to. */
export interface EndpointPolicyOptions {
  /** Networks (`10.0.0.0/8`, `fd00::/8`) or addresses that are allowed although they are not public. */
  readonly allowAddresses?: readonly string[];
  readonly resolve?: ResolveHost;
}

/** Everything that is not the public Internet: this host, private and shared networks, links, metadata services. */
const NOT_PUBLIC: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/**
 * Decides where a node may connect on the word of the registry, whose endpoints are written by others.
 *
 * @see RFC 6890 for the special addresses
 */
export class EndpointPolicy {
  readonly #denied = blockListOf(NOT_PUBLIC);
  readonly #allowed: BlockList;
  readonly #resolve: ResolveHost;

  /** @throws EkoError `INVALID_CONFIG` if a network is not written as one */
  constructor(options: EndpointPolicyOptions = {}) {
    this.#allowed = blockListOf(options.allowAddresses ?? []);
    this.#resolve = options.resolve ?? resolveBySystem;
  }

  /**
   * Finds the address behind an endpoint. Every address of a name must be allowed, or none is used.
   *
   * @throws EkoError `INVALID_ENDPOINT` for its form, `ENDPOINT_REFUSED` for its address, `PEER_UNAVAILABLE` if its
   *   name is not known
   */
  async check(endpoint: string): Promise<CheckedAddress> {
    const { host, port } = parseEndpoint(endpoint);
    const addresses = isIP(host) === 0 ? await this.#resolve(host) : [host];
    const [first] = addresses;
    if (first === undefined) throw new EkoError('PEER_UNAVAILABLE', `The host ${host} is not known`);
    if (!addresses.every((address) => this.#isAllowed(address))) {
      throw new EkoError(
        'ENDPOINT_REFUSED',
        `The address of ${host} is not public, and allowAddresses does not name its network; where nodes are on a ` +
          'private network, name that in this setting, like 10.0.0.0/8',
        { details: { host, setting: 'allowAddresses' } },
      );
    }
    return { address: first, port };
  }

  #isAllowed(address: string): boolean {
    const family = familyOf(address);
    if (family === undefined) return false;
    return this.#allowed.check(address, family) || !this.#denied.check(address, family);
  }
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    // The resolver's reasons differ from system to system; the caller learns that there is no address.
    return [];
  }
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/', 2);
    const family = familyOf(address);
    const longest = family === 'ipv4' ? 32 : 128;
    const prefix = bits === undefined ? longest : Number(bits);
    if (family === undefined || !/^[0-9]{1,3}$/.test(bits ?? '0') || prefix > longest) {
      throw new EkoError('INVALID_CONFIG', `allowAddresses takes networks like 10.0.0.0/8, not this one`, {
        details: { key: 'allowAddresses' },
      });
    }
    list.addSubnet(address, prefix, family);
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address);
  return family === 4 ? 'ipv4' : family === 6 ? 'ipv6' : undefined;
}
