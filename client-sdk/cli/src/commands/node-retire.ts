import { EkoError } from '@eko/protocol';
import { type NodeRole } from '@eko/protocol/ledger';
import type { Command } from '@eko/command';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

/** `eko node retire` */
export const nodeRetire: Command = {
  path: ['node', 'retire'],
  summary: 'take a node out of service for good',
  about: [
    'Nothing new is given to a retired node, and nothing makes it active again: its name, its identity and its keys can never be used for another. The identity that registered it can retire it, and an administrator (NodeOU admin) of its organisation.',
    'Orchestrators and witnesses still serve the streams that they hold something of, and attest the destruction when those end. Let them run until then. A retired party can collect no key any more.',
  ],
  operands: [{ form: '<nodeId>', summary: 'its name on the channel' }],
  options: [{ flags: '--yes', summary: 'do it; without this, nothing is done' }, ...LEDGER_OPTIONS],
  examples: [
    'node retire witness-7 --profile fabric.json --yes',
    'node retire orchestrator-3 --yes',
    'node retire clinic --profile clinic.json --yes --json',
  ],
  async run(input, terminal) {
    const nodeId = input.requiredOperand(0);
    if (!input.flag('yes')) throw unconfirmed(nodeId);
    const profile = await profileOf(input, terminal);
    const [{ retireNode }, { connectGatewayLedger }] = await Promise.all([
      import('@eko/sdk/node'),
      import('@eko/sdk'),
    ]);
    const ledger = connectGatewayLedger({ profile });
    try {
      const outcome = await retireNode(ledger, nodeId, terminal.signal);
      terminal.result(outcome, [
        outcome.txId === undefined
          ? `${nodeId} is retired already.`
          : `${nodeId} is retired: transaction ${outcome.txId}, block ${String(outcome.blockNumber)}`,
        WHAT_NOW[outcome.role],
      ]);
    } finally {
      ledger.close();
    }
  },
};

const SERVES_ON = 'Let its process run until the streams that it serves have ended, then stop it.';

const WHAT_NOW: Readonly<Record<NodeRole, string>> = {
  orchestrator: SERVES_ON,
  witness: SERVES_ON,
  party: 'Stop its process: it can collect no key any more.',
};

function unconfirmed(nodeId: string): EkoError {
  return new EkoError(
    'INVALID_ARGUMENT',
    `Retiring ${nodeId} cannot be undone: nothing new is given to it, and its name, identity and keys can never be used again. Nothing was done; add --yes to do it`,
    {
      details: {
        option: 'yes',
        next: 'check that it is the right node with eko node show, then repeat this with --yes',
      },
    },
  );
}
