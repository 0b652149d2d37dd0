import type { CommandOption } from './command';

/** Where a development network keeps its state, for all `dev` commands. */
export const DIRECTORY_OPTION: CommandOption = {
  flags: '--directory <path>',
  summary: 'where the network keeps its state',
  standard: '.eko',
};
