import { EkoError, isEkoError } from '@eko/protocol';
import { Type, parseWith, type Static, type TSchema } from '@eko/protocol/encoding';
import { pause } from '@eko/sdk/node';
import { peerFiles } from '../configuration/crypto-paths';
import type { NetworkContext } from '../network-context';
import { FABRIC_HOST, type PlannedPeer } from '../plan/topology';
import { ordererOptions, runPeer } from '../programs/peer-command';

/** A chaincode's definition on a channel, as far as it matters here. */
export interface Definition {
  readonly channel: string;
  readonly version: string;
  readonly sequence: number;
}

const Installed = Type.Object({
  installed_chaincodes: Type.Optional(Type.Array(Type.Object({ package_id: Type.String() }))),
});
const Committed = Type.Object({
  chaincode_definitions: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), version: Type.String(), sequence: Type.Integer() })),
  ),
});
const Readiness = Type.Object({ approvals: Type.Record(Type.String(), Type.Boolean()) });

/** An ordering service that just started has no leader for a moment. */
const ORDERING_DEADLINE_MS = 60_000;
const ORDERING_POLL_MS = 250;

const LIFECYCLE = ['lifecycle', 'chaincode'];

/** Installs a package on a peer that does not have it. */
export async function installPackage(
  context: NetworkContext,
  peer: PlannedPeer,
  file: string,
  packageId: string,
): Promise<void> {
  const { installed_chaincodes: installed = [] } = await ask(context, peer, Installed, ['queryinstalled']);
  if (installed.some(({ package_id: present }) => present === packageId)) return;
  context.report(`installing the chaincode on ${peer.name}`);
  await runPeer(context, peer, [...LIFECYCLE, 'install', file]);
}

/** The chaincode's definition on a channel, as a peer of it knows it. */
export async function committedDefinition(
  context: NetworkContext,
  peer: PlannedPeer,
  channel: string,
): Promise<Definition | undefined> {
  const { chaincode_definitions: definitions = [] } = await ask(context, peer, Committed, [
    'querycommitted',
    '--channelID',
    channel,
  ]);
  const found = definitions.find(({ name }) => name === context.plan.chaincode);
  return found === undefined ? undefined : { channel, version: found.version, sequence: found.sequence };
}

/** Approves a definition for the organisations that have not, each with its own package, and commits it. */
export async function defineChaincode(
  context: NetworkContext,
  definition: Definition,
  packageIds: ReadonlyMap<string, string>,
): Promise<void> {
  const { topology, report } = context;
  const members = topology.organisations.flatMap(({ peers }) => peers.slice(0, 1));
  const [first] = members;
  if (first === undefined) throw new TypeError('a network has peers');
  const terms = termsOf(context, definition);
  const { approvals } = await ask(context, first, Readiness, ['checkcommitreadiness', ...terms]);
  for (const peer of members) {
    if (approvals[peer.mspId] === true) continue;
    report(`${peer.mspId} approves the chaincode on ${definition.channel}`);
    const packageId = packageIds.get(peer.mspId) ?? '';
    await order(context, peer, ['approveformyorg', ...terms, '--package-id', packageId]);
  }
  report(`committing the chaincode on ${definition.channel}`);
  const endorsers = members.flatMap(({ port, domain, host }) => [
    '--peerAddresses',
    `${FABRIC_HOST}:${port}`,
    '--tlsRootCertFiles',
    peerFiles(context.layout.crypto, domain, host).tls.root,
  ]);
  await order(context, first, ['commit', ...terms, ...endorsers]);
}

function termsOf({ plan }: NetworkContext, { channel, version, sequence }: Definition): readonly string[] {
  return [
    ...['--channelID', channel, '--name', plan.chaincode],
    ...['--version', version, '--sequence', String(sequence)],
    ...(plan.endorsementPolicy === undefined ? [] : ['--signature-policy', plan.endorsementPolicy]),
  ];
}

async function ask<T extends TSchema>(
  context: NetworkContext,
  peer: PlannedPeer,
  schema: T,
  args: readonly string[],
): Promise<Static<T>> {
  const { stdout } = await runPeer(context, peer, [...LIFECYCLE, ...args, '--output', 'json']);
  return parseWith(schema, JSON.parse(stdout), `${args[0] ?? ''} of ${peer.name}`, 'INTERNAL');
}

/** Runs a command that sends a transaction, again while the ordering service refuses it because it has no leader yet. */
async function order(context: NetworkContext, peer: PlannedPeer, args: readonly string[]): Promise<void> {
  const [orderer] = context.topology.orderers;
  if (orderer === undefined) throw new TypeError('a network has orderers');
  const until = performance.now() + ORDERING_DEADLINE_MS;
  for (;;) {
    try {
      await runPeer(context, peer, [...LIFECYCLE, ...args, ...ordererOptions(context, orderer)]);
      return;
    } catch (error) {
      const isEarly = isEkoError(error, 'INTERNAL') && error.message.includes('SERVICE_UNAVAILABLE');
      if (!isEarly || performance.now() > until) throw error;
      await pause(ORDERING_POLL_MS, context.signal);
      if (context.signal.aborted) throw new EkoError('CANCELLED', 'Stopped while waiting for the orderers');
    }
  }
}
