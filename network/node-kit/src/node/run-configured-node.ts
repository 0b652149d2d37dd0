import type { Static, TObject } from '@eko/protocol/encoding';
import { systemRandom } from '@eko/protocol/node';
import { systemClocks } from '../process/clocks';
import { loadConfiguration } from '../process/configuration';
import { parseNodeArguments } from '../process/node-arguments';
import { runNode, type NodeProcess, type RunningNode } from '../process/run-node';
import type { NodeHost } from './start-node';

/**
 * A node's `main`: settings from the command line, the file that it names and `EKO_` variables, then the life of
 * `runNode`. Here, and nowhere below, a node gets its clocks and its randomness.
 *
 * @param stop - of `heedStopSignals`, called before anything else was loaded
 */
export function runConfiguredNode<Schema extends TObject>(
  host: NodeProcess,
  stop: AbortSignal,
  schema: Schema,
  start: (settings: Static<Schema>, host: NodeHost) => Promise<RunningNode>,
): Promise<void> {
  const run = async (signal: AbortSignal): Promise<RunningNode> => {
    const { file, flags } = parseNodeArguments(host.argv.slice(2));
    const environment = host.env;
    const { settings } = await loadConfiguration({
      schema,
      file,
      flags,
      environment,
      environmentPrefix: 'EKO_',
    });
    return start(settings, { signal, clocks: systemClocks, random: systemRandom });
  };
  return runNode(host, run, stop);
}
