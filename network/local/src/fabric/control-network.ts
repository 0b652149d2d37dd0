import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { openLayout, requirePlan } from './fabric-network';
import type { FabricLayout } from './plan/fabric-layout';
import type { FabricPlan } from './plan/fabric-plan';
import { chaincodeName, topologyOf } from './plan/topology';
import { findProcesses, type RunningProcess } from '../processes/process-table';
import { sendSignal } from '../processes/stop-processes';

/** What can be done to one process. */
export type ProcessAct = 'kill' | 'pause' | 'resume';

const SIGNALS = { kill: 'SIGKILL', pause: 'SIGSTOP', resume: 'SIGCONT' } as const;
const DEADLINE_MS = 10_000;
const POLL_MS = 20;

/** Names of all processes of a network: orderers, peers, and each peer's chaincode. */
export function processNames(plan: FabricPlan): readonly string[] {
  const { orderers, peers } = topologyOf(plan);
  return [...orderers, ...peers].map(({ name }) => name).concat(peers.map(chaincodeName));
}

/**
 * Kills, pauses or resumes one process, and waits until the system has done so.
 *
 * @returns its process ID
 * @throws EkoError `NOT_FOUND` for a name that the network does not have, `BAD_STATE` where it does not run, or
 *   ended instead, `DEADLINE_EXCEEDED`
 */
export async function actOnProcess(directory: string, name: string, act: ProcessAct): Promise<number> {
  const layout = await openLayout(directory);
  const names = processNames(await requirePlan(layout));
  if (!names.includes(name)) {
    throw new EkoError('NOT_FOUND', `No process ${name.slice(0, 64)}; there are ${names.join(', ')}`, {
      details: { name: name.slice(0, 64) },
    });
  }
  const found = await runningOf(layout, name);
  if (found === undefined) {
    throw new EkoError('BAD_STATE', `${name} does not run: bring the network up`, { details: { name } });
  }
  sendSignal(found.pid, SIGNALS[act]);
  const until = performance.now() + DEADLINE_MS;
  while (performance.now() < until) {
    const now = (await findProcesses(layout.directory)).find(({ pid }) => pid === found.pid);
    if (isDone(name, act, now)) return found.pid;
    await pause(POLL_MS);
  }
  throw new EkoError('DEADLINE_EXCEEDED', `The system did not ${act} ${name}`, { details: { name } });
}

/**
 * Whether the system has done it.
 *
 * @param now - the process, while there is one
 * @throws EkoError `BAD_STATE` for one that is gone and was not to be killed: it neither goes on nor is it paused
 */
export function isDone(name: string, act: ProcessAct, now: RunningProcess | undefined): boolean {
  if (act === 'kill') return now === undefined;
  if (now === undefined)
    throw new EkoError('BAD_STATE', `${name} has ended: bring the network up`, { details: { name } });
  return now.isPaused === (act === 'pause');
}

/** A process by its name; of a chaincode's, the one of the newest release. */
async function runningOf(layout: FabricLayout, name: string): Promise<RunningProcess | undefined> {
  const found = (await findProcesses(layout.directory)).filter(({ label }) => nameOf(label) === name);
  return found.sort((a, b) => releaseOf(a.label) - releaseOf(b.label)).at(-1);
}

/** The name of the process that has this label: a chaincode's label ends with its release. */
export const nameOf = (label: string): string => label.replace(/\.r\d+$/, '');

const releaseOf = (label: string): number => Number(/\.r(\d+)$/.exec(label)?.[1] ?? 0);
