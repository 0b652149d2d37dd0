import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamLines } from './stream-lines';

/** `eko stream revoke` */
export const streamRevoke: Command = {
  path: ['stream', 'revoke'],
  summary:
    'take a stream away: honest nodes destroy what they have of its key, its connections are cut, nobody gets back in',
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: [{ flags: '--note <text>', summary: 'a public reason' }, ...partyOptions('provider')],
  examples: [
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --note "laptop stolen"',
    'stream revoke 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --as initiator --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const stream = await party.revoke(input.requiredOperand(0), input.text('note'));
    terminal.result(stream, streamLines(stream));
  },
};
