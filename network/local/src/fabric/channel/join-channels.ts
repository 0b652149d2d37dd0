import { EkoError } from '@eko/protocol';
import { Type, parseWith } from '@eko/protocol/encoding';
import { ordererAdminTls, ordererFiles } from '../configuration/crypto-paths';
import type { NetworkContext } from '../network-context';
import { FABRIC_HOST, type PlannedOrderer, type PlannedPeer } from '../plan/topology';
import { runPeer, taskName } from '../programs/peer-command';
import { runProgram } from '../../processes/run-program';

const DEADLINE_MS = 60_000;

/** What an orderer lists; it says more, which is of no concern here. */
const OrdererChannels = Type.Object({
  channels: Type.Optional(
    Type.Union([Type.Null(), Type.Array(Type.Object({ name: Type.String() }), { maxItems: 1_000 })]),
  ),
});

/**
 * Joins orderers and peers to the channels that they are not in yet, and takes orderers out of those that the plan does
 * not have any more. A peer keeps the blocks of such a channel, and nothing new comes to it.
 *
 * @throws EkoError as `runProgram`; `INTERNAL` with what an orderer answered
 */
export async function joinChannels(context: NetworkContext): Promise<void> {
  const { topology } = context;
  await Promise.all(topology.orderers.map((orderer) => joinOrderer(context, orderer)));
  await Promise.all(topology.peers.map((peer) => joinPeer(context, peer)));
}

async function joinOrderer(context: NetworkContext, orderer: PlannedOrderer): Promise<void> {
  const { layout, plan, report } = context;
  const listed = parseWith(
    OrdererChannels,
    await runOsnadmin(context, orderer, ['list']),
    `channels of ${orderer.name}`,
    'INTERNAL',
  );
  const joined = new Set((listed.channels ?? []).map(({ name }) => name));
  for (const channel of plan.channels.filter((name) => !joined.has(name))) {
    report(`${orderer.name} joins ${channel}`);
    await runOsnadmin(context, orderer, [
      'join',
      `--channelID=${channel}`,
      `--config-block=${layout.genesisBlock(channel)}`,
    ]);
  }
  for (const channel of [...joined].filter((name) => !plan.channels.includes(name))) {
    report(`${orderer.name} leaves ${channel}`);
    await runOsnadmin(context, orderer, ['remove', `--channelID=${channel}`]);
  }
}

async function runOsnadmin(
  { layout, programs, signal }: NetworkContext,
  { name, host, adminPort }: PlannedOrderer,
  [act = '', ...options]: readonly string[],
): Promise<unknown> {
  const { certificate, key } = ordererAdminTls(layout.crypto);
  const { root } = ordererFiles(layout.crypto, host).tls;
  const { stdout } = await runProgram({
    program: programs.paths.osnadmin,
    args: [
      'channel',
      act,
      ...options,
      `--orderer-address=${FABRIC_HOST}:${adminPort}`,
      `--ca-file=${root}`,
      `--client-cert=${certificate}`,
      `--client-key=${key}`,
    ],
    deadlineMs: DEADLINE_MS,
    signal,
    shownAs: taskName(layout.directory, `osnadmin.${name}`),
  });
  // It ends with status 0 whatever the orderer answered, and says on the first line what that was.
  const { status, body } = parseOsnadmin(stdout);
  if (status >= 200 && status < 300) return body;
  throw new EkoError('INTERNAL', `${name} answered ${status} to channel ${act}: ${stdout.slice(0, 300)}`, {
    details: { orderer: name, status },
  });
}

/** Reads what osnadmin prints: `Status: 201`, then the orderer's answer in JSON. */
export function parseOsnadmin(stdout: string): { readonly status: number; readonly body: unknown } {
  const [, status, text = ''] = /^Status:\s*(\d{3})\n([^]*)$/.exec(stdout) ?? [];
  try {
    return { status: Number(status ?? 0), body: text.trim() === '' ? undefined : JSON.parse(text) };
  } catch {
    return { status: 0, body: undefined };
  }
}

async function joinPeer(context: NetworkContext, peer: PlannedPeer): Promise<void> {
  const { layout, plan, report } = context;
  const { stdout } = await runPeer(context, peer, ['channel', 'list']);
  const joined = new Set(stdout.split('\n').map((line) => line.trim()));
  for (const channel of plan.channels.filter((name) => !joined.has(name))) {
    report(`${peer.name} joins ${channel}`);
    await runPeer(context, peer, ['channel', 'join', '--blockpath', layout.genesisBlock(channel)]);
  }
}
