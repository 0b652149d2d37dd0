import { EkoError } from '@eko/protocol';
import { readFile } from 'node:fs/promises';
import { BASE_PORTS, type FabricPlan } from './fabric-plan';
import { portsOf, topologyOf } from './topology';

/** Ports from `first` to `last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const LINUX_RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range';
const LINUX_RANGE: PortRange = { first: 32_768, last: 60_999 };
/** What IANA leaves for it, and what macOS takes. */
const USUAL_RANGE: PortRange = { first: 49_152, last: 65_535 };

/** The ports that this system gives by itself to whoever opens a connection. */
export async function ephemeralPorts(
  platform: NodeJS.Platform = process.platform,
  rangeFile = LINUX_RANGE_FILE,
): Promise<PortRange> {
  if (platform !== 'linux') return USUAL_RANGE;
  const text = await readFile(rangeFile, 'utf8').catch(() => '');
  const [, first, last] = /^([0-9]{1,5})\s+([0-9]{1,5})\s*$/.exec(text) ?? [];
  return first === undefined || last === undefined
    ? LINUX_RANGE
    : { first: Number(first), last: Number(last) };
}

/**
 * Refuses a new network of which any port lies where the system takes ports for connections: now and then one of its
 * processes would not start again.
 *
 * @throws EkoError `INVALID_ARGUMENT` saying which base ports there are instead
 */
export function refuseEphemeralPorts(plan: FabricPlan, { first, last }: PortRange): void {
  const ports = portsOf(topologyOf(plan));
  const taken = ports.find((port) => port >= first && port <= last);
  if (taken === undefined) return;
  const span = Math.max(...ports) - plan.basePort;
  throw new EkoError(
    'INVALID_ARGUMENT',
    `With --base-port ${plan.basePort} the network needs port ${taken}, and ${first} to ${last} are those that this ` +
      'system gives to connections of any program, so that a process of the network would now and then find its own ' +
      `taken. Choose a --base-port ${otherBasePorts({ first, last }, span)}`,
    { details: { basePort: plan.basePort, port: taken, first, last } },
  );
}

/** @param span - how far the last port of the network is from its base */
function otherBasePorts({ first, last }: PortRange, span: number): string {
  const below = first - 1 - span;
  const ranges = [
    ...(below < BASE_PORTS.minimum ? [] : [`of at most ${below}`]),
    ...(last >= BASE_PORTS.maximum ? [] : [`above ${last}`]),
  ];
  return ranges.length > 0 ? ranges.join(' or ') : 'after you have narrowed that range of the system';
}
