import type { Command } from '@eko/command';
import type { RegistrationOutcome } from '@eko/sdk/node';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';
import { NODE_OPTIONS, nodeOf } from './node-options';

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
