export { runEko } from './run-eko';
export { COMMANDS } from './command-table';
export { DevNetwork } from './dev/dev-network';
export type { DevNetworkOptions, DevProgress } from './dev/dev-network';
export { DevLayout } from './dev/dev-layout';
export { DEV_INITIATOR, DEV_PROVIDER } from './dev/network-plan';
