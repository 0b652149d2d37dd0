/**
 * The commands of `eko` for what runs on this machine: a development network, a native Fabric network, the demo, the
 * chaincode's package, and what opens a node's own store.
 *
 * @packageDocumentation
 */
import { chaincodePackage } from './chaincode-package';
import { demo } from './demo';
import { devDown, devReset, devRestart, devStatus, devUp } from './dev';
import {
  fabricDeploy,
  fabricDown,
  fabricEnv,
  fabricKill,
  fabricPause,
  fabricReset,
  fabricResume,
  fabricStatus,
  fabricUp,
} from './fabric';
import { devLogs, fabricLogs } from './logs';
import { nodeReceipts } from './node-receipts';

/** All of them, by the group of `eko` that they stand in, in the order of its help. */
export const LOCAL_COMMANDS = {
  dev: [devUp, devDown, devStatus, devLogs, devRestart, devReset],
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
