import { loadFabricProfile } from '@eko/sdk/node';
import { tryTransaction } from './chaincode/try-transaction';
import { nameOf } from './control-network';
import { openLayout, requirePlan } from './fabric-network';
import { MEMBER, userProfile } from './identity/fabric-users';
import type { FabricLayout } from './plan/fabric-layout';
import type { FabricPlan } from './plan/fabric-plan';
import { FABRIC_HOST, ORDERER_MSP, chaincodeName, topologyOf, type PlannedPeer } from './plan/topology';
import { askOperations } from '../processes/ask-operations';
import { HEALTH } from './process-plans';
import { findProcesses, stateOf, type ProcessState } from '../processes/process-table';

/** One process of a network. */
export interface FabricProcessStatus {
  readonly name: string;
  readonly role: 'orderer' | 'peer' | 'chaincode';
  readonly mspId: string;
  readonly pid?: number;
  /** Health and metrics; chaincode has none. */
  readonly operations?: string;
  /** `ready`: an orderer's or a peer's health is well; a chaincode answers its peer's query on every channel. */
  readonly state: ProcessState;
}

/** A network and its processes. */
export interface FabricStatus {
  readonly directory: string;
  readonly plan: FabricPlan;
  /** Whether every process is ready. */
  readonly isReady: boolean;
  readonly processes: readonly FabricProcessStatus[];
}

/**
 * Asks the system what runs, and every process whether it is ready.
 *
 * @throws EkoError `NOT_FOUND` where there is no network
 */
export async function networkStatus(directory: string): Promise<FabricStatus> {
  const layout = await openLayout(directory);
  const plan = await requirePlan(layout);
  const { orderers, peers } = topologyOf(plan);
  const running = new Map((await findProcesses(layout.directory)).map((each) => [nameOf(each.label), each]));
  const statusOf = async (
    what: Omit<FabricProcessStatus, 'pid' | 'state'>,
    isReady: () => Promise<boolean>,
  ): Promise<FabricProcessStatus> => {
    const found = running.get(what.name);
    const state = await stateOf(found, isReady);
    return found === undefined ? { ...what, state } : { ...what, pid: found.pid, state };
  };
  const nodes = [
    ...orderers.map((each) => ({ ...each, role: 'orderer' as const, mspId: ORDERER_MSP })),
    ...peers.map((each) => ({ ...each, role: 'peer' as const })),
  ].map(({ name, role, mspId, operationsPort }) =>
    statusOf(
      { name, role, mspId, operations: `http://${FABRIC_HOST}:${operationsPort}` },
      async () => (await askOperations(operationsPort, HEALTH)).isWell,
    ),
  );
  const chaincode = peers.map((peer) =>
    statusOf({ name: chaincodeName(peer), role: 'chaincode', mspId: peer.mspId }, async () =>
      running.get(peer.name)?.isPaused === false ? answersEverywhere(layout, plan, peer) : false,
    ),
  );
  const processes = await Promise.all([...nodes, ...chaincode]);
  return {
    directory: layout.directory,
    plan,
    isReady: processes.every(({ state }) => state === 'ready'),
    processes,
  };
}

async function answersEverywhere(
  layout: FabricLayout,
  plan: FabricPlan,
  peer: PlannedPeer,
): Promise<boolean> {
  for (const channel of plan.channels) {
    const profile = await loadFabricProfile(userProfile(layout, plan, peer, { name: MEMBER, channel }));
    if ((await tryTransaction(profile, 'evaluate')) !== undefined) return false;
  }
  return true;
}
