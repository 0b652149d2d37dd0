export {
  deployNetworkChaincode,
  downNetwork,
  isNetworkRunning,
  openLayout,
  removeNetworkChannel,
  requirePlan,
  resetNetwork,
  upNetwork,
  type NetworkOptions,
} from './fabric-network';
export { actOnProcess, processNames, type ProcessAct } from './control-network';
export { networkEnvironment } from './network-environment';
export { networkStatus, type FabricProcessStatus, type FabricStatus } from './network-status';
export { lifecyclePackage, type LifecyclePackage } from './chaincode/lifecycle-package';
export type { ArchivedFile } from './chaincode/tar-archive';
export { issueUser, type FabricUserRequest } from './identity/fabric-users';
export { followLog, type FollowedLog } from './processes/follow-log';
export { FabricLayout } from './plan/fabric-layout';
export { STANDARD_CHANNEL, type FabricChoices, type FabricPlan } from './plan/fabric-plan';
