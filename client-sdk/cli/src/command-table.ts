import type { Command } from '@eko/command';
import {
  chaincodePackage,
  demo,
  devDown,
  devReset,
  devRestart,
  devStatus,
  devUp,
  fabricDeploy,
  fabricDown,
  fabricEnv,
  fabricKill,
  fabricLogs,
  fabricPause,
  fabricReset,
  fabricResume,
  fabricStatus,
  fabricUp,
} from '@eko/local-network/commands';
import { doctor } from './commands/doctor';
import { init } from './commands/init';
import { nodeApprove, nodeReject } from './commands/node-decide';
import { nodeInit } from './commands/node-init';
import { nodeReceipts } from './commands/node-receipts';
import { nodeRegister } from './commands/node-register';
import { nodeRetire } from './commands/node-retire';
import { nodeShow } from './commands/node-show';
import { receive } from './commands/receive';
import { send } from './commands/send';
import { streamAccept } from './commands/stream-accept';
import { streamEnd } from './commands/stream-end';
import { streamList } from './commands/stream-list';
import { streamRequest } from './commands/stream-request';
import { streamRevoke } from './commands/stream-revoke';
import { streamShow } from './commands/stream-show';
import { streamWatch } from './commands/stream-watch';
import { verifyHistoryCommand } from './commands/verify-history';
import { verifySelectionCommand } from './commands/verify-selection';

/** Every command of `eko`, in the order of its help. */
export const COMMANDS: readonly Command[] = [
  devUp,
  devDown,
  devStatus,
  devRestart,
  devReset,
  init,
  doctor,
  nodeInit,
  nodeRegister,
  nodeApprove,
  nodeReject,
  nodeShow,
  nodeReceipts,
  nodeRetire,
  chaincodePackage,
  streamRequest,
  streamList,
  streamShow,
  streamWatch,
  streamAccept,
  streamEnd,
  streamRevoke,
  send,
  receive,
  verifySelectionCommand,
  verifyHistoryCommand,
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
  demo,
];
