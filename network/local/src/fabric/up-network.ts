import { EkoError } from '@eko/protocol';
import { checkPortsAreFree, type KeptPort } from '../processes/free-ports';
import { inParallel } from '../processes/in-parallel';
import { writeWhole } from '@eko/protocol/node';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deployRelease, deployedChaincode } from './chaincode/deploy-release';
import { writeExternalBuilder } from './chaincode/external-builder';
import { joinChannels } from './channel/join-channels';
import { prepareCrypto, prepareGenesisBlocks } from './channel/prepare-material';
import { ordererConfiguration } from './configuration/orderer-configuration';
import { peerConfiguration } from './configuration/peer-configuration';
import { renderYaml, type YamlMapping } from './configuration/render-yaml';
import type { NetworkContext } from './network-context';
import { chaincodeName } from './plan/topology';
import { findProcesses, type RunningProcess } from '../processes/process-table';
import { ordererProcess, peerProcess } from './process-plans';
import { foundProcess } from '../processes/start-process';
import { stopProcesses } from '../processes/stop-processes';
import { Supervisor } from '../processes/supervisor';

const READY_DEADLINE_MS = 60_000;
/** Nodes start this many at a time: more would only wait for the processor. */
const AT_ONCE = 4;

/**
 * Brings everything up that does not run, and waits until every peer can have a transaction endorsed. What this call
 * started, it stops again where it fails or is cancelled.
 *
 * @throws EkoError naming the process or step
 */
export async function bringUp(context: NetworkContext): Promise<void> {
  await keepingOrStopping(context, async (supervisor) => {
    await startMissing(context, supervisor);
    await joinChannels(context);
    await deployRelease(context, await deployedChaincode(context), supervisor);
  });
}

/**
 * Deploys the next release of the chaincode on a network that runs.
 *
 * @returns the release
 * @throws EkoError `BAD_STATE` where not all of it runs; naming the process or step
 */
export async function deployNext(context: NetworkContext): Promise<number> {
  const { layout, topology } = context;
  const running = await findProcesses(layout.directory);
  refusePaused(running);
  const labels = new Set(running.map(({ label }) => label));
  const missing = [...topology.orderers, ...topology.peers].filter(({ name }) => !labels.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    throw new EkoError('BAD_STATE', `${names.join(', ')} must run too: bring the network up first`, {
      details: { missing: names },
    });
  }
  const { release, definitions } = await deployedChaincode(context);
  const next = definitions.length === 0 ? release : release + 1;
  await keepingOrStopping(context, (supervisor) =>
    deployRelease(context, { release: next, definitions }, supervisor),
  );
  return next;
}

/** Does what starts processes; where that fails, those that it started are stopped again. */
async function keepingOrStopping(
  { layout, signal }: NetworkContext,
  work: (supervisor: Supervisor) => Promise<void>,
): Promise<void> {
  const supervisor = new Supervisor({ directory: layout.directory, signal });
  try {
    await work(supervisor);
  } catch (error) {
    await supervisor.stopStarted(isTask);
    throw error;
  }
}

/** Whether a process is one that ends by itself, left over from a command that was killed. */
const isTask = (label: string): boolean => label.startsWith('task.');

async function startMissing(context: NetworkContext, supervisor: Supervisor): Promise<void> {
  const { layout, topology, report } = context;
  await stopProcesses(layout.directory, ({ label }) => isTask(label));
  const running = await supervisor.running();
  refusePaused(running);
  const labels = new Set(running.map(({ label }) => label));
  await checkPortsAreFree(neededPorts(context, labels));
  await mkdir(layout.directory, { recursive: true, mode: 0o700 });
  await prepareCrypto(context);
  await prepareGenesisBlocks(context);
  await writeConfigurations(context);
  const plans = [
    ...topology.orderers.map((orderer) => ordererProcess(context, orderer)),
    ...topology.peers.map((peer) => peerProcess(context, peer)),
  ];
  await inParallel(plans, AT_ONCE, async (plan) => {
    const isThere = labels.has(plan.label);
    if (!isThere) report(`starting ${plan.label}`);
    // One that runs may have been started a moment ago, by a command that was killed.
    const process = isThere ? foundProcess(plan) : supervisor.start(plan);
    await supervisor.ready(process, plan, READY_DEADLINE_MS);
  });
}

/** A paused node would let every step wait for its deadline. */
function refusePaused(running: readonly RunningProcess[]): void {
  const paused = running.filter(({ isPaused }) => isPaused).map(({ label }) => label);
  if (paused.length === 0) return;
  throw new EkoError(
    'BAD_STATE',
    `${paused.join(', ')} ${paused.length === 1 ? 'is' : 'are'} paused: resume first`,
    {
      details: { paused },
    },
  );
}

/** The ports of everything that does not run yet. */
function neededPorts({ topology }: NetworkContext, running: ReadonlySet<string>): readonly KeptPort[] {
  const orderers = topology.orderers
    .filter(({ name }) => !running.has(name))
    .flatMap(({ name, port, adminPort, operationsPort }) =>
      [port, adminPort, operationsPort].map((each) => ({ port: each, owner: name })),
    );
  const peers = topology.peers
    .filter(({ name }) => !running.has(name))
    .flatMap(({ name, port, chaincodeListenPort, operationsPort }) =>
      [port, chaincodeListenPort, operationsPort].map((each) => ({ port: each, owner: name })),
    );
  const chaincode = topology.peers
    .filter((peer) => ![...running].some((label) => label.startsWith(`${chaincodeName(peer)}.`)))
    .flatMap((peer) =>
      Object.values(peer.chaincodePorts).map((port) => ({ port, owner: chaincodeName(peer) })),
    );
  return [...orderers, ...peers, ...chaincode];
}

async function writeConfigurations({ layout, topology, programs }: NetworkContext): Promise<void> {
  const write = (name: string, file: string, content: YamlMapping): Promise<void> =>
    writeWhole(join(layout.configuration(name), file), renderYaml(content));
  await writeExternalBuilder(layout.builder);
  for (const orderer of topology.orderers) {
    await write(orderer.name, 'orderer.yaml', ordererConfiguration(layout, orderer));
  }
  for (const { peers } of topology.organisations) {
    for (const peer of peers) {
      const neighbour = peers.find((each) => each !== peer) ?? peer;
      await write(peer.name, 'core.yaml', peerConfiguration(layout, programs.line, peer, neighbour));
    }
  }
}
