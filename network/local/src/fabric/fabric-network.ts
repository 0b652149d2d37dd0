import { EkoError } from '@eko/protocol';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ownChaincode } from './chaincode/chaincode-program';
import { joinChannels } from './channel/join-channels';
import type { NetworkContext } from './network-context';
import { FabricLayout } from './plan/fabric-layout';
import {
  continuedPlan,
  newPlan,
  readPlan,
  writePlan,
  type FabricChoices,
  type FabricPlan,
} from './plan/fabric-plan';
import { ephemeralPorts, refuseEphemeralPorts } from './plan/ephemeral-ports';
import { topologyOf } from './plan/topology';
import { clearDirectory } from '../processes/clear-directory';
import { withNetworkLock } from '../processes/network-lock';
import { findProcesses } from '../processes/process-table';
import { realDirectory } from '../processes/real-directory';
import { stopProcesses } from '../processes/stop-processes';
import { findPrograms } from './programs/find-programs';
import { bringUp, deployNext } from './up-network';

/** How a network is changed. */
export interface NetworkOptions {
  readonly directory: string;
  /** Where programs are looked for: `FABRIC_BIN`, `PATH`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The chaincode of a new release: a folder laid out and built as EKO's own is, which it is by itself. */
  readonly chaincodeFolder?: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done. */
  readonly report?: (step: string) => void;
}

/**
 * Brings the network of a directory up, whatever of it runs already, and leaves it running.
 *
 * @param choices - what the network shall be; of one that exists, only channels can be added
 * @throws EkoError `INVALID_CONFIG` for programs or ports, `INVALID_ARGUMENT` and `BAD_STATE` for choices, `CANCELLED`,
 *   else naming the process or step
 */
export async function upNetwork(options: NetworkOptions, choices: FabricChoices = {}): Promise<FabricPlan> {
  const programs = await findPrograms(options.env);
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const layout = await openLayout(options.directory);
  return withNetworkLock(
    layout.directory,
    async () => {
      // Until there are certificates, nothing holds the plan, and everything can be chosen again.
      const present = existsSync(layout.crypto) ? await readPlan(layout) : undefined;
      const plan =
        present === undefined
          ? newPlan(programs.version, choices)
          : continuedPlan(present, programs.version, choices);
      if (present === undefined) refuseEphemeralPorts(plan, await ephemeralPorts());
      if (plan.consensus === 'bft' && !programs.line.hasBft) {
        throw new EkoError(
          'INVALID_CONFIG',
          `Fabric ${programs.version} has no BFT ordering: use Fabric 3, or --consensus raft`,
          { details: { version: programs.version } },
        );
      }
      await writePlan(layout, plan);
      await bringUp(contextOf(options, layout, plan, programs));
      return plan;
    },
    options,
  );
}

/**
 * Commits the chaincode, as it is built now, under the next sequence on every channel; its new processes run before the
 * present ones stop.
 *
 * @returns the chaincode's new release
 * @throws EkoError `NOT_FOUND` where there is no network, `BAD_STATE` where not all of it runs; as `upNetwork`
 */
export async function deployNetworkChaincode(options: NetworkOptions): Promise<number> {
  const programs = await findPrograms(options.env);
  const layout = await openLayout(options.directory);
  await requirePlan(layout);
  return withNetworkLock(
    layout.directory,
    async () => deployNext(contextOf(options, layout, await requirePlan(layout), programs)),
    options,
  );
}

/**
 * Takes a channel out of a network for good. The last one stays.
 *
 * @throws EkoError as `upNetwork`
 */
export async function removeNetworkChannel(options: NetworkOptions, channel: string): Promise<void> {
  const layout = await openLayout(options.directory);
  await requirePlan(layout);
  await withNetworkLock(
    layout.directory,
    async () => {
      const present = await requirePlan(layout);
      const channels = present.channels.filter((name) => name !== channel);
      if (channels.length === 0 || channels.length === present.channels.length) return;
      const context = contextOf(options, layout, { ...present, channels }, await findPrograms(options.env));
      await writePlan(layout, context.plan);
      await rm(dirname(layout.genesisBlock(channel)), { recursive: true, force: true });
      // Of a network that is down, the orderers leave it when they start again.
      if ((await findProcesses(layout.directory)).length > 0) await joinChannels(context);
    },
    options,
  );
}

/**
 * Stops every process of a directory's network, also those that a killed command left behind.
 *
 * @returns the labels of what ran
 * @throws EkoError `BAD_STATE` while another command changes the network, `DEADLINE_EXCEEDED`
 */
export async function downNetwork(directory: string): Promise<readonly string[]> {
  const layout = await openLayout(directory);
  if (!existsSync(layout.directory)) return [];
  return withNetworkLock(layout.directory, () => stopProcesses(layout.directory, () => true));
}

/**
 * Removes what a network made in its directory, and the directory if nothing else is in it.
 *
 * @throws EkoError `BAD_STATE` while anything of it runs
 */
export async function resetNetwork(directory: string): Promise<void> {
  const layout = await openLayout(directory);
  await clearDirectory(layout, async () => {
    const running = await findProcesses(layout.directory);
    if (running.length === 0) return;
    throw new EkoError('BAD_STATE', `The network in ${layout.directory} is running: take it down first`, {
      details: { running: running.map(({ label }) => label) },
    });
  });
}

/** Whether anything of a directory's network runs. */
export async function isNetworkRunning(directory: string): Promise<boolean> {
  return (await findProcesses((await openLayout(directory)).directory)).length > 0;
}

/** The layout of a directory by its real path, by which processes are recognised. */
export async function openLayout(directory: string): Promise<FabricLayout> {
  return new FabricLayout(await realDirectory(directory));
}

/**
 * The plan of a network that has been up.
 *
 * @throws EkoError `NOT_FOUND`, `CORRUPT_RECORD`
 */
export async function requirePlan(layout: FabricLayout): Promise<FabricPlan> {
  const plan = await readPlan(layout);
  if (plan !== undefined) return plan;
  throw new EkoError('NOT_FOUND', `No Fabric network in ${layout.directory}`, {
    details: {
      directory: layout.directory,
      next: 'start one: eko fabric up; or name the folder of one that there is: --directory',
    },
  });
}

function contextOf(
  options: NetworkOptions,
  layout: FabricLayout,
  plan: FabricPlan,
  programs: NetworkContext['programs'],
): NetworkContext {
  const { chaincodeFolder = ownChaincode() } = options;
  const { signal = new AbortController().signal, report = () => undefined } = options;
  return { layout, plan, topology: topologyOf(plan), programs, chaincodeFolder, signal, report };
}
