import { type NodeHost } from '@eko/node-kit';
import { systemClocks } from '../../../network/node-kit/src/process/clocks';
import { systemRandom } from '@eko/protocol/node';

/** What a node has from its process, for one that starts in the process of a test. */
export const nodeHost = (signal: AbortSignal = new AbortController().signal): NodeHost => ({
  signal,
  clocks: systemClocks,
  random: systemRandom,
});
