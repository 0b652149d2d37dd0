/**
 * The commands of `eko` for what runs on this machine: a development network, a native Fabric network, the demo, the
 * chaincode's package, and what opens a node's own store.
 *
 * @packageDocumentation
 */
import { chaincodePackage } from './chaincode-package';
import { demo } from './demo';
import { devDown } from './dev-down';
import { devReset } from './dev-reset';
import { devRestart } from './dev-restart';
import { devStatus } from './dev-status';
import { devUp } from './dev-up';
import { fabricKill, fabricPause, fabricResume } from './fabric-act';
import { fabricDeploy } from './fabric-deploy';
import { fabricDown } from './fabric-down';
import { fabricEnv } from './fabric-env';
import { fabricLogs } from './fabric-logs';
import { fabricReset } from './fabric-reset';
import { fabricStatus } from './fabric-status';
import { fabricUp } from './fabric-up';
import { nodeReceipts } from './node-receipts';

/** All of them, by the group of `eko` that they stand in, in the order of its help. */
export const LOCAL_COMMANDS = {
  dev: [devUp, devDown, devStatus, devRestart, devReset],
  node: [nodeReceipts],
  chaincode: [chaincodePackage],
  fabric: [
    fabricUp,
    fabricDown,
    fabricStatus,
    fabricDeploy,
    fabricLogs,
    fabricEnv,
    fabricKill,
    fabricPause,
    fabricResume,
    fabricReset,
  ],
  demo: [demo],
} as const;
