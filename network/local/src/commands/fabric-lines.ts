import type { FabricStatus } from '../fabric/network-status';
import { textTable } from '@eko/command';

/** A native Fabric network for people. */
export function fabricLines({ directory, plan, isReady, processes }: FabricStatus): readonly string[] {
  const { fabric, consensus, channels, blockTimeoutMs, maxMessageCount, endorsementPolicy } = plan;
  return [
    `Fabric ${fabric} (${consensus}) in ${directory}: ${isReady ? 'ready' : 'not ready'}`,
    `channels ${channels.join(', ')}; a block after ${blockTimeoutMs} ms or ${maxMessageCount} transactions; ` +
      `endorsed by ${endorsementPolicy ?? 'a majority of organisations'}`,
    ...textTable([
      ['process', 'organisation', 'pid', 'state', 'health and metrics'],
      ...processes.map(({ name, mspId, pid, state, operations }) => [
        name,
        mspId,
        pid === undefined ? '-' : String(pid),
        state,
        operations ?? '-',
      ]),
    ]),
  ];
}
