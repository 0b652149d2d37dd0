import type { Static, TObject } from '@eko/protocol/encoding';
import { loadConfiguration } from '../process/configuration';
import { parseNodeArguments } from '../process/node-arguments';
import { runNode, type NodeProcess, type RunningNode } from '../process/run-node';

/**
 * A node's `main`: settings from the command line, the file that it names and `EKO_` variables, then the life of
 * `runNode`.
 */
export function runConfiguredNode<Schema extends TObject>(
  host: NodeProcess,
  schema: Schema,
  start: (settings: Static<Schema>) => Promise<RunningNode>,
): Promise<void> {
  return runNode(host, async () => {
    const { file, flags } = parseNodeArguments(host.argv.slice(2));
    const environment = host.env;
    const { settings } = await loadConfiguration({
      schema,
      file,
      flags,
      environment,
      environmentPrefix: 'EKO_',
    });
    return start(settings);
  });
}
