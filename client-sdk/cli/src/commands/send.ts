import type { Command } from '@eko/command';
import { TIMEOUT_OPTION, partyOf, partyOptions, timeoutOf } from './party-options';

/** `eko send` */
export const send: Command = {
  path: ['send'],
  summary: 'send a file or standard input through a stream; returns when the other side has read it all',
  operands: [
    { form: '<streamId>', summary: 'bundleId/index' },
    { form: '[file]', summary: 'what to send; without it, or as -, standard input' },
  ],
  options: [TIMEOUT_OPTION, ...partyOptions('provider')],
  examples: [
    'send 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm',
    'tar c records | eko send 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'send 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm --as initiator --json',
  ],
  async run(input, terminal) {
    const [access, { sendFile }] = await Promise.all([
      partyOf(input, terminal),
      import('../party/send-file.js'),
    ]);
    await sendFile(access, input.requiredOperand(0), input.operand(1) ?? '-', timeoutOf(input), terminal);
  },
};
