import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:([0-9]{1,3}(?:\.[0-9]{1,3}){3})$/i;
const GROUPS_OF_A_NETWORK = 4;

/**
 * Who shares one bound with an address: of IPv4 itself alone, of IPv6 its network of 64 bits, all of which its holder
 * has for nothing.
 */
export function addressShareOf(remoteAddress: string): string {
  const mapped = MAPPED.exec(remoteAddress)?.[1];
  if (mapped !== undefined || !isIPv6(remoteAddress)) return mapped ?? remoteAddress;
  const [address = ''] = remoteAddress.split('%', 1);
  const [head = '', tail] = address.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${groups.slice(0, GROUPS_OF_A_NETWORK).join(':')}::/64`;
}
