import type { Command } from '@eko/command';
import { doctor } from './commands/doctor';
import { init } from './commands/init';
import { nodeApprove, nodeInit, nodeRegister, nodeReject, nodeRetire, nodeShow } from './commands/node';
import {
  streamAccept,
  streamEnd,
  streamList,
  streamRevoke,
  streamShow,
  streamWatch,
} from './commands/stream';
import { streamRequest } from './commands/stream-request';
import { receive, send } from './commands/transfer';
import { verifyHistoryCommand, verifySelectionCommand } from './commands/verify';
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
