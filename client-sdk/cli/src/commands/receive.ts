import type { Command } from '@eko/command';
import { TIMEOUT_OPTION, partyOf, partyOptions, timeoutOf } from './party-options';

/** `eko receive` */
export const receive: Command = {
  path: ['receive'],
  summary: 'take what comes through a stream into a file or standard output',
  operands: [
    { form: '<streamId>', summary: 'bundleId/index' },
    { form: '[file]', summary: 'where to put it; without it, or as -, standard output' },
  ],
  options: [TIMEOUT_OPTION, ...partyOptions('initiator')],
  examples: [
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm',
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 | tar x',
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm --json',
  ],
  async run(input, terminal) {
    const [access, { receiveFile }] = await Promise.all([
      partyOf(input, terminal),
      import('../party/receive-file.js'),
    ]);
    await receiveFile(access, input.requiredOperand(0), input.operand(1) ?? '-', timeoutOf(input), terminal);
  },
};
