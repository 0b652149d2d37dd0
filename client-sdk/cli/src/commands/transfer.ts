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
      import('../party/file-transfer.js'),
    ]);
    await sendFile(access, input.requiredOperand(0), input.operand(1) ?? '-', timeoutOf(input), terminal);
  },
};

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
      import('../party/file-transfer.js'),
    ]);
    await receiveFile(access, input.requiredOperand(0), input.operand(1) ?? '-', timeoutOf(input), terminal);
  },
};
