import { EkoError } from '@eko/protocol';
import { NodeId, type NodeRecord, type NodeRole } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';
import type { Command, CommandInput, CommandOption, Terminal } from '@eko/command';
import type { Decision, DecisionOutcome, RegistrationOutcome } from '@eko/sdk/node';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

const ROLES = ['orchestrator', 'witness', 'party'] as const satisfies readonly NodeRole[];

/** Which node a command is about. */
const NODE_OPTIONS: readonly CommandOption[] = [
  { flags: '--role <role>', summary: 'orchestrator, witness or party', isRequired: true },
  { flags: '--keys <path>', summary: 'the folder of its keys', isRequired: true },
];

/**
 * Reads them.
 *
 * @throws EkoError `INVALID_ARGUMENT` naming the option, or for a name that no node can have
 */
function nodeOf(input: CommandInput): { nodeId: string; role: NodeRole; keysDirectory: string } {
  return {
    nodeId: nodeIdOf(input.requiredOperand(0)),
    role: input.requiredOneOf('role', ROLES),
    keysDirectory: input.requiredText('keys'),
  };
}

function nodeIdOf(text: string): string {
  if (fits(NodeId, text)) return text;
  throw new EkoError(
    'INVALID_ARGUMENT',
    "A node's name is up to 63 characters of lower case, digits, dots and dashes, the first a letter or digit",
    { details: { operand: 'nodeId' } },
  );
}

/** `eko node init` */
export const nodeInit: Command = {
  path: ['node', 'init'],
  summary: "make a node's keys, once",
  operands: [{ form: '<nodeId>', summary: 'its name on the channel: lower case, digits, dots and dashes' }],
  options: NODE_OPTIONS,
  examples: [
    'node init witness-7 --role witness --keys /etc/eko/witness-7/keys',
    'node init orchestrator-3 --role orchestrator --keys keys',
    'node init clinic --role party --keys keys --json',
  ],
  async run(input, terminal) {
    const { nodeId, role, keysDirectory } = nodeOf(input);
    const { initNodeKeys } = await import('@eko/sdk/node');
    await initNodeKeys(keysDirectory, { nodeId, role });
    terminal.result({ nodeId, role, keysDirectory }, [
      `The keys of ${role} ${nodeId} are in ${keysDirectory}, readable for you alone.`,
      `Register it with: eko node register ${nodeId} --role ${role} --keys ${keysDirectory}`,
    ]);
  },
};

/** `eko node register` */
export const nodeRegister: Command = {
  path: ['node', 'register'],
  summary: 'put a node on the ledger, or bring its record up to date',
  about: [
    'A node that is registered already gets the keys of that folder and exactly the addresses and attributes that are given here: what is left out is taken from its record. The keys that the ledger has of it sign the change.',
    'An orchestrator or a witness takes part when an administrator of its organisation has approved it (eko node approve), or at once where its certificate has the attribute eko.role with that role, and eko.zone and eko.tags with what it says of itself.',
  ],
  operands: [{ form: '<nodeId>', summary: 'the name that its keys were made for' }],
  options: [
    ...NODE_OPTIONS,
    ...LEDGER_OPTIONS,
    {
      flags: '--former-keys <path>',
      summary: 'the folder of the keys that the ledger has of it, where --keys is another',
    },
    { flags: '--endpoint <url>', summary: 'https://host:port where other nodes reach it' },
    { flags: '--stream-address <address>', summary: 'host:port where a provider takes secure streams' },
    { flags: '--zone <zone>', summary: 'where it runs, for policies that ask' },
    { flags: '--tag <tag>', summary: 'a property that policies may ask for; may be repeated', isList: true },
  ],
  examples: [
    'node register witness-7 --role witness --keys keys --profile fabric.json --endpoint https://w7.example:8443',
    'node register clinic --role party --keys keys --stream-address clinic.example:9443',
    'node register witness-7 --role witness --keys keys --endpoint https://w7.example:9443 --zone eu --tag hsm --json',
  ],
  async run(input, terminal) {
    const node = nodeOf(input);
    const [endpoint, streamAddress, zone] = ['endpoint', 'stream-address', 'zone'].map((name) =>
      input.text(name),
    );
    const tags = input.list('tag');
    const formerKeysDirectory = input.text('former-keys');
    const profile = await profileOf(input, terminal);
    const [{ registerNode }, { connectGatewayLedger }] = await Promise.all([
      import('@eko/sdk/node'),
      import('@eko/sdk'),
    ]);
    const ledger = connectGatewayLedger({ profile });
    try {
      const outcome = await registerNode({
        ...node,
        ledger,
        profile,
        ...(formerKeysDirectory === undefined ? {} : { formerKeysDirectory }),
        attributes: {
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(streamAddress === undefined ? {} : { streamAddress }),
          ...(zone === undefined ? {} : { zone }),
          ...(tags.length === 0 ? {} : { tags: [...tags] }),
        },
        signal: terminal.signal,
      });
      terminal.result(outcome, [
        outcome.txId === undefined
          ? `${node.nodeId} is registered so already.`
          : `${node.nodeId} is ${outcome.outcome}: transaction ${outcome.txId}, block ${String(outcome.blockNumber)}`,
        ...waitingLines(outcome),
      ]);
    } finally {
      ledger.close();
    }
  },
};

function waitingLines({ nodeId, mspId, status, waits }: RegistrationOutcome): readonly string[] {
  if (!waits) return [];
  const what = status === 'pending' ? 'It takes part' : 'Its new zone and tags count';
  return [`${what} when an administrator of ${mspId} has approved it: eko node approve ${nodeId}`];
}

const DECIDED_NODE = [{ form: '<nodeId>', summary: 'its name on the channel' }] as const;
const WHO_DECIDES =
  "The profile is of an administrator (NodeOU admin) of the node's own organisation. Look at the record first: eko node show.";

/** `eko node approve` */
export const nodeApprove: Command = {
  path: ['node', 'approve'],
  summary: "let an orchestrator or witness of one's organisation take part",
  about: [
    'An orchestrator or a witness takes part in nothing until its organisation has vouched for it: by this, or by the attribute eko.role in its certificate. Zone and tags that it changes later are approved in the same way, and count from then on.',
    WHO_DECIDES,
  ],
  operands: DECIDED_NODE,
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
    WHO_DECIDES,
  ],
  operands: DECIDED_NODE,
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
