import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { EkoError } from '@eko/protocol';
import { parseEndpoint, type ParsedEndpoint } from '@eko/protocol/ledger';

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

/** IPv4 that is not the public Internet: this host, private and shared networks, links, metadata services. */
const NOT_PUBLIC_IPV4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * Of IPv6 only this is handed out. All that has an IPv4 address in it and stands outside goes with it: mapped
 * (`::ffff:0:0/96`), compatible (`::/96`), translated (`::ffff:0:0:0/96`, `64:ff9b::/96`, `64:ff9b:1::/48`).
 */
const GLOBAL_IPV6: readonly string[] = ['2000::/3'];

/** What inside that is no host of the public Internet, or leads to an IPv4 address (Teredo in 2001::/23, 6to4). */
const NOT_PUBLIC_IPV6: readonly string[] = [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3ffe::/16',
  '3fff::/20',
];

/** An interface identifier that holds an IPv4 address, under whatever prefix. @see RFC 5214 */
const ISATAP = /(?:::|:0:|:200:)5efe:[0-9a-f]{0,4}:[0-9a-f]{0,4}$/;

/**
 * Decides where a node may connect on the word of the registry, whose endpoints are written by others.
 *
 * @see RFC 6890 for the special addresses
 */
export class EndpointPolicy {
  readonly #denied = { ipv4: blockListOf(NOT_PUBLIC_IPV4), ipv6: blockListOf(NOT_PUBLIC_IPV6) };
  readonly #global = blockListOf(GLOBAL_IPV6);
  /** Apart by family: one list would find an IPv4 address by an IPv6 network, and the other way round. */
  readonly #allowed: Readonly<Record<Family, BlockList>>;
  readonly #resolve: ResolveHost;

  /** @throws EkoError `INVALID_CONFIG` if a network is not written as one */
  constructor(options: EndpointPolicyOptions = {}) {
    const allowed = options.allowAddresses ?? [];
    const isIpv6 = (network: string): boolean => network.includes(':');
    this.#allowed = {
      ipv4: blockListOf(allowed.filter((network) => !isIpv6(network))),
      ipv6: blockListOf(allowed.filter(isIpv6)),
    };
    this.#resolve = options.resolve ?? resolveBySystem;
  }

  /**
   * Finds the address behind an endpoint. Every address of a name must be allowed, or none is used.
   *
   * @throws EkoError `INVALID_ENDPOINT` for its form, `ENDPOINT_REFUSED` for its address, `PEER_UNAVAILABLE` if its
   *   name is not known
   */
  async check(endpoint: string): Promise<CheckedAddress> {
    return this.locate(parseEndpoint(endpoint));
  }

  /**
   * Finds the address of a host, by the same rule. Whoever connects takes the answer, and asks for no name again.
   *
   * @throws EkoError `ENDPOINT_REFUSED`, `PEER_UNAVAILABLE`
   */
  async locate({ host, port }: ParsedEndpoint): Promise<CheckedAddress> {
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
    // With a zone an address is one of a link, and lists do not read it.
    if (family === undefined || address.includes('%')) return false;
    if (this.#allowed[family].check(address, family)) return true;
    if (this.#denied[family].check(address, family)) return false;
    return family === 'ipv4' || (this.#global.check(address, family) && !ISATAP.test(inFull(address)));
  }
}

type Family = 'ipv4' | 'ipv6';

/** An IPv6 address as the system writes it, its last 32 bits as two groups. */
function inFull(address: string): string {
  const { hostname } = new URL(`http://[${address}]`);
  return hostname.slice(1, -1);
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

function familyOf(address: string): Family | undefined {
  const family = isIP(address);
  return family === 4 ? 'ipv4' : family === 6 ? 'ipv6' : undefined;
}
