import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamLines } from './stream-lines';

/** `eko stream end` */
export const streamEnd: Command = {
  path: ['stream', 'end'],
  summary: 'end a stream as completed; its key is destroyed',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: partyOptions('initiator'),
  examples: [
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as provider',
    'stream end 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.complete(input.requiredOperand(0));
    terminal.result(stream, streamLines(stream));
  },
};
