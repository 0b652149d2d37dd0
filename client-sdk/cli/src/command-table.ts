import type { Command } from './command';
import { devDown } from './commands/dev-down';
import { devReset } from './commands/dev-reset';
import { devRestart } from './commands/dev-restart';
import { devStatus } from './commands/dev-status';
import { devUp } from './commands/dev-up';
import { nodeInit } from './commands/node-init';
import { nodeRegister } from './commands/node-register';
import { nodeShow } from './commands/node-show';

/** Every command of `eko`, in the order of its help. */
export const COMMANDS: readonly Command[] = [
  devUp,
  devDown,
  devStatus,
  devRestart,
  devReset,
  nodeInit,
  nodeRegister,
  nodeShow,
];
