import { EkoError } from '@eko/protocol';
import { writeWhole } from '@eko/protocol/node';
import { loadFabricProfile, pause } from '@eko/sdk/node';
import { readFile } from 'node:fs/promises';
import { requireAlive } from '../../processes/await-ready';
import { checkPortsAreFree } from '../../processes/free-ports';
import type { StartedProcess } from '../../processes/start-process';
import { stopProcesses } from '../../processes/stop-processes';
import type { Supervisor } from '../../processes/supervisor';
import { MEMBER, userProfile } from '../identity/fabric-users';
import type { NetworkContext } from '../network-context';
import { chaincodeName, chaincodePortOf, type PlannedPeer } from '../plan/topology';
import { chaincodeLabel, chaincodeProcess } from '../process-plans';
import { committedDefinition, defineChaincode, installPackage, type Definition } from './chaincode-lifecycle';
import { serviceChaincodePackage } from './lifecycle-package';
import { keepRelease } from './chaincode-program';
import { chaincodeTlsFiles, peersOf, prepareChaincodeTls } from './chaincode-tls';
import { tryTransaction } from './try-transaction';

const LISTEN_DEADLINE_MS = 60_000;
/** Peers tell each other of their chaincode once a second; the chaincode's process takes its time to load. */
const ENDORSABLE_DEADLINE_MS = 60_000;
const POLL_MS = 200;

/** What the channels say of the chaincode. */
export interface DeployedChaincode {
  /** The chaincode's releases count up over all channels; a definition's version is its release. */
  readonly release: number;
  readonly definitions: readonly Definition[];
}

/** Asks the channels which release of the chaincode they have; the highest counts, and 1 where there is none. */
export async function deployedChaincode(context: NetworkContext): Promise<DeployedChaincode> {
  const { plan, topology } = context;
  const [peer] = topology.peers;
  if (peer === undefined) throw new TypeError('a network has peers');
  const found = await Promise.all(
    plan.channels.map((channel) => committedDefinition(context, peer, channel)),
  );
  const definitions = found.filter((each) => each !== undefined);
  return { release: Math.max(1, ...definitions.map(({ version }) => Number(version))), definitions };
}

/**
 * Brings a release of the chaincode to every peer and channel: its processes run beside those of the release before, each
 * organisation approves, the definition is committed, every gateway endorses with it, and only then do the processes of
 * other releases end.
 *
 * @throws EkoError as `runProgram`; `DEADLINE_EXCEEDED` where the chaincode does not answer
 */
export async function deployRelease(
  context: NetworkContext,
  { release, definitions }: DeployedChaincode,
  supervisor: Supervisor,
): Promise<void> {
  const { layout, plan, topology, report } = context;
  await keepRelease(layout, release, context.chaincodeFolder);
  const packageIds = await writePackages(context, release);
  const running = new Set((await supervisor.running()).map(({ label }) => label));
  const missing = topology.peers.filter((peer) => !running.has(chaincodeLabel(peer, release)));
  await checkPortsAreFree(
    missing.map((peer) => ({ port: chaincodePortOf(peer, release), owner: chaincodeName(peer) })),
  );
  const started = missing.map((peer) => {
    report(`starting ${chaincodeName(peer)}`);
    const planned = chaincodeProcess(context, peer, release, packageIds.get(peer.mspId) ?? '');
    return { planned, process: supervisor.start(planned) };
  });
  await Promise.all(
    topology.peers.map((peer) =>
      installPackage(
        context,
        peer,
        layout.chaincodePackage(peer.mspId, release),
        packageIds.get(peer.mspId) ?? '',
      ),
    ),
  );
  // From its commit on, peers use a definition: whoever is asked then must listen.
  await Promise.all(
    started.map(({ process, planned }) => supervisor.ready(process, planned, LISTEN_DEADLINE_MS)),
  );
  for (const channel of plan.channels) {
    const present = definitions.find((each) => each.channel === channel);
    if (present?.version === String(release)) continue;
    const next = { channel, version: String(release), sequence: (present?.sequence ?? 0) + 1 };
    await defineChaincode(context, next, packageIds);
  }
  report('waiting until every peer can have a transaction endorsed');
  await awaitEndorsable(
    context,
    started.map(({ process }) => process),
  );
  const present = new Set(topology.peers.map((peer) => chaincodeLabel(peer, release)));
  await stopProcesses(layout.directory, ({ label }) => label.startsWith('chaincode.') && !present.has(label));
}

/** Writes each organisation's package of a release; its ID by MSP. */
async function writePackages(
  { layout, topology }: NetworkContext,
  release: number,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const organisation of topology.organisations) {
    const { mspId } = organisation;
    await prepareChaincodeTls(layout, organisation);
    const files = chaincodeTlsFiles(layout, peersOf(mspId));
    const made = serviceChaincodePackage(`eko_${release}`, {
      address: release % 2 === 1 ? '{{.odd}}' : '{{.even}}',
      tls: {
        rootPem: await readFile(files.root, 'utf8'),
        certificatePem: await readFile(files.certificate, 'utf8'),
        keyPem: await readFile(files.key, 'utf8'),
      },
    });
    await writeWhole(layout.chaincodePackage(mspId, release), made.bytes);
    ids.set(mspId, made.packageId);
  }
  return ids;
}

/**
 * Waits until every peer, as a gateway, has a transaction endorsed on every channel as its policy asks for: peers, their
 * chaincode and what they know of each other all work then. The transaction reads only and is never submitted.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` with what the peer said last, `INTERNAL` where a chaincode process ended,
 *   `CANCELLED`
 */
async function awaitEndorsable(context: NetworkContext, started: readonly StartedProcess[]): Promise<void> {
  const { plan, topology } = context;
  const until = performance.now() + ENDORSABLE_DEADLINE_MS;
  await Promise.all(
    topology.peers.map(async (peer) => {
      for (const channel of plan.channels) await awaitOne(context, peer, channel, started, until);
    }),
  );
}

async function awaitOne(
  { layout, plan, signal }: NetworkContext,
  peer: PlannedPeer,
  channel: string,
  started: readonly StartedProcess[],
  until: number,
): Promise<void> {
  const profile = await loadFabricProfile(userProfile(layout, plan, peer, { name: MEMBER, channel }));
  let said = 'it was not asked';
  while (performance.now() < until) {
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${peer.name} was cancelled`);
    started.forEach(requireAlive);
    const failure = await tryTransaction(profile, 'endorse');
    if (failure === undefined) return;
    said = failure;
    await pause(POLL_MS, signal);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `${peer.name} cannot have a transaction of ${plan.chaincode} endorsed on ${channel}: ${said}`,
    { details: { peer: peer.name, channel } },
  );
}
