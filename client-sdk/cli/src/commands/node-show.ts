import type { NodeRecord } from '@eko/protocol/ledger';
import type { Command } from '@eko/command';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

/** `eko node show` */
export const nodeShow: Command = {
  path: ['node', 'show'],
  summary: 'show what the ledger holds of a node, or of all nodes',
  operands: [{ form: '[nodeId]', summary: 'one node; without it, all' }],
  options: LEDGER_OPTIONS,
  examples: ['node show', 'node show witness-3 --profile fabric.json', 'node show witness-3 --json'],
  async run(input, terminal) {
    const profile = await profileOf(input, terminal);
    const [{ NodeDirectory }, { connectGatewayLedger }] = await Promise.all([
      import('@eko/sdk/node'),
      import('@eko/sdk'),
    ]);
    const { readRegistered } = await import('@eko/sdk/node');
    const { textTable } = await import('@eko/command');
    const nodeId = input.operand(0);
    const ledger = connectGatewayLedger({ profile });
    try {
      if (nodeId === undefined) {
        const directory = await NodeDirectory.load(ledger, { signal: terminal.signal }, () => true);
        const nodes = [...directory.all()].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
        terminal.result({ nodes }, textTable([HEADING, ...nodes.map(rowOf)]));
        return;
      }
      const node = await readRegistered(ledger, nodeId, terminal.signal);
      terminal.result(node, textTable([HEADING, rowOf(node)]));
    } finally {
      ledger.close();
    }
  },
};

const HEADING = ['node', 'role', 'organisation', 'status', 'keys', 'endpoint', 'streams at', 'zone'];

function rowOf(node: NodeRecord): readonly string[] {
  const { nodeId, role, mspId, status, keyEpoch, endpoint = '-', streamAddress = '-', zone = '-' } = node;
  return [nodeId, role, mspId, status, `epoch ${keyEpoch}`, endpoint, streamAddress, zone];
}
