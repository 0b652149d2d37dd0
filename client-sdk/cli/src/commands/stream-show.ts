import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamLines } from './stream-lines';

/** `eko stream show` */
export const streamShow: Command = {
  path: ['stream', 'show'],
  summary: 'show one stream: its state, transactions and witnesses',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: partyOptions('initiator'),
  examples: [
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as provider',
    'stream show 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.show(input.requiredOperand(0));
    terminal.result(stream, streamLines(stream));
  },
};
