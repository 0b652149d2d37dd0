import { EkoError } from '@eko/protocol';
import { mkdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FabricLayout } from './plan/fabric-layout';
import {
  continuedPlan,
  newPlan,
  readPlan,
  writePlan,
  type FabricChoices,
  type FabricPlan,
} from './plan/fabric-plan';
import { topologyOf } from './plan/topology';
import { withNetworkLock } from './processes/network-lock';
import { stopProcesses } from './processes/stop-processes';
import { findPrograms } from './programs/find-programs';
import { bringUp } from './up-network';

/** How a network is brought up. */
export interface UpOptions {
  readonly directory: string;
  /** Where programs are looked for: `FABRIC_BIN`, `PATH`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly choices?: FabricChoices;
  readonly signal?: AbortSignal | undefined;
  readonly report?: (step: string) => void;
}

/**
 * Brings the network of a directory up, whatever of it runs already, and leaves it running.
 *
 * @throws EkoError `INVALID_CONFIG` for programs or ports, `INVALID_ARGUMENT` and `BAD_STATE` for choices, else as
 *   `bringUp`
 */
export async function upNetwork(options: UpOptions): Promise<{ layout: FabricLayout; plan: FabricPlan }> {
  const { env, choices = {}, report = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  const programs = await findPrograms(env);
  const layout = await openLayout(options.directory);
  const present = await readPlan(layout);
  const plan =
    present === undefined
      ? newPlan(programs.version, choices)
      : continuedPlan(present, programs.version, choices);
  if (plan.consensus === 'bft' && !programs.line.hasBft) {
    throw new EkoError(
      'INVALID_CONFIG',
      `Fabric ${programs.version} has no BFT ordering: use Fabric 3, or --consensus raft`,
      { details: { version: programs.version } },
    );
  }
  const topology = topologyOf(plan);
  await withNetworkLock(topology.lockPort, async () => {
    await writePlan(layout, plan);
    await bringUp({ layout, plan, topology, programs, signal, report });
  });
  return { layout, plan };
}

/**
 * Stops every process of a directory's network, also those that a killed command left behind.
 *
 * @returns the labels of what ran
 * @throws EkoError `BAD_STATE` while another command changes the network, `DEADLINE_EXCEEDED`
 */
export async function downNetwork(directory: string): Promise<readonly string[]> {
  const layout = await openLayout(directory);
  const plan = await readPlan(layout);
  const stop = async (): Promise<readonly string[]> => {
    const stopped: string[] = [];
    // What asks goes before what is asked: chaincode is called by peers, peers by nobody here.
    for (const isNext of [isTaskOrPeer, () => true]) {
      stopped.push(...(await stopProcesses(layout.directory, ({ label }) => isNext(label))));
    }
    return stopped;
  };
  return plan === undefined ? stop() : withNetworkLock(topologyOf(plan).lockPort, stop);
}

const isTaskOrPeer = (label: string): boolean => label.startsWith('task.') || label.startsWith('peer');

/** The layout of a directory, which is made where it is missing: processes are recognised by its real path. */
export async function openLayout(directory: string): Promise<FabricLayout> {
  const absolute = resolve(directory);
  await mkdir(absolute, { recursive: true, mode: 0o700 });
  return new FabricLayout(await realpath(absolute));
}
