import type { NodeRecord } from '@eko/protocol/ledger';
import type { Command, CommandInput, Terminal } from '@eko/command';
import type { Decision, DecisionOutcome } from '@eko/sdk/node';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

const OPERANDS = [{ form: '<nodeId>', summary: 'its name on the channel' }] as const;
const WHO =
  "The profile is of an administrator (NodeOU admin) of the node's own organisation. Look at the record first: eko node show.";

/** `eko node approve` */
export const nodeApprove: Command = {
  path: ['node', 'approve'],
  summary: "let an orchestrator or witness of one's organisation take part",
  about: [
    'An orchestrator or a witness takes part in nothing until its organisation has vouched for it: by this, or by the attribute eko.role in its certificate. Zone and tags that it changes later are approved in the same way, and count from then on.',
    WHO,
  ],
  operands: OPERANDS,
  options: LEDGER_OPTIONS,
  examples: [
    'node approve witness-7 --profile admin.json',
    'node approve orchestrator-3 --profile admin.json',
    'node approve witness-7 --profile admin.json --json',
  ],
  run: (input, terminal) => decide('approve', input, terminal),
};

/** `eko node reject` */
export const nodeReject: Command = {
  path: ['node', 'reject'],
  summary: "turn away what of one's organisation waits for approval",
  about: [
    'A node that waits is turned away for good: its name, its identity and its keys can never be used for another. Of an active node, only the zone and tags that it asked for are turned away.',
    WHO,
  ],
  operands: OPERANDS,
  options: LEDGER_OPTIONS,
  examples: [
    'node reject witness-9 --profile admin.json',
    'node reject orchestrator-8 --profile admin.json',
    'node reject witness-9 --profile admin.json --json',
  ],
  run: (input, terminal) => decide('reject', input, terminal),
};

async function decide(decision: Decision, input: CommandInput, terminal: Terminal): Promise<void> {
  const nodeId = input.requiredOperand(0);
  const profile = await profileOf(input, terminal);
  const [{ decideNode }, { connectGatewayLedger }] = await Promise.all([
    import('@eko/sdk/node'),
    import('@eko/sdk'),
  ]);
  const ledger = connectGatewayLedger({ profile });
  try {
    const decided = await decideNode(ledger, nodeId, decision, terminal.signal);
    terminal.result(decided, [lineOf(decided), factsOf(decided.node)]);
  } finally {
    ledger.close();
  }
}

function lineOf({ outcome, node, txId, blockNumber }: DecisionOutcome): string {
  if (txId === undefined) return `${node.nodeId} takes part already.`;
  return `${node.nodeId} is ${outcome}: transaction ${txId}, block ${String(blockNumber)}`;
}

/** What was decided about, so that whoever decided sees it. */
function factsOf({ role, mspId, endpoint = '-', zone, tags, proposed }: NodeRecord): string {
  const facts = proposed ?? { zone, tags };
  const { zone: named = '-', tags: given = [] } = facts;
  return `  ${role} of ${mspId} at ${endpoint}, zone ${named}, tags ${given.join(', ') || '-'}`;
}
