/**
 * Networks of this machine for development, measurements and tests: EKO's own on the development ledger, and native
 * Fabric without containers.
 *
 * @packageDocumentation
 */
// EKO's own processes
export { DevNetwork } from './dev/dev-network';
export type { DevNetworkOptions, DevProgress } from './dev/dev-network';
export { DevLayout } from './dev/dev-layout';
export { DEV_INITIATOR, DEV_PROVIDER } from './dev/network-plan';

// A native Fabric network
export {
  deployNetworkChaincode,
  downNetwork,
  isNetworkRunning,
  openLayout,
  requirePlan,
  resetNetwork,
  upNetwork,
  type NetworkOptions,
} from './fabric/fabric-network';
export { actOnProcess, type ProcessAct } from './fabric/control-network';
export { networkEnvironment } from './fabric/network-environment';
export { networkStatus, type FabricProcessStatus, type FabricStatus } from './fabric/network-status';
export { issueUser, type FabricUserRequest } from './fabric/identity/fabric-users';
export { FabricLayout } from './fabric/plan/fabric-layout';
export { DEFAULT_CHANNEL, type FabricChoices, type FabricPlan } from './fabric/plan/fabric-plan';
