/**
 * The commands of `eko` for a development network, a native Fabric network, the demo and the chaincode's package.
 *
 * @packageDocumentation
 */
export { chaincodePackage } from './chaincode-package';
export { demo } from './demo';
export { devDown } from './dev-down';
export { devReset } from './dev-reset';
export { devRestart } from './dev-restart';
export { devStatus } from './dev-status';
export { devUp } from './dev-up';
export { fabricKill, fabricPause, fabricResume } from './fabric-act';
export { fabricDeploy } from './fabric-deploy';
export { fabricDown } from './fabric-down';
export { fabricEnv } from './fabric-env';
export { fabricLogs } from './fabric-logs';
export { fabricReset } from './fabric-reset';
export { fabricStatus } from './fabric-status';
export { fabricUp } from './fabric-up';
