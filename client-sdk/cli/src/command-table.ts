import type { Command } from '@eko/command';
import { doctor } from './commands/doctor';
import { init } from './commands/init';
import { nodeApprove, nodeReject } from './commands/node-decide';
import { nodeInit } from './commands/node-init';
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
import { localCommands } from './local-network';

/** Every command of `eko`, in the order of its help. */
export async function allCommands(): Promise<readonly Command[]> {
  const local = await localCommands();
  return [
    ...local.dev,
    init,
    doctor,
    nodeInit,
    nodeRegister,
    nodeApprove,
    nodeReject,
    nodeShow,
    ...local.node,
    nodeRetire,
    ...local.chaincode,
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
    ...local.fabric,
    ...local.demo,
  ];
}
