import type { Command } from '../command';
import { partyOf, partyOptions } from './party-options';

/** `eko receive` */
export const receive: Command = {
  path: ['receive'],
  summary: 'take what comes through a stream into a file or standard output',
  operands: [
    { form: '<streamId>', summary: 'bundleId/index' },
    { form: '[file]', summary: 'where to put it; without it, or as -, standard output' },
  ],
  options: partyOptions('initiator'),
  examples: [
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm',
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 | tar x',
    'receive 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 scan.dcm --json',
  ],
  async run(input, terminal) {
    const streamId = input.requiredOperand(0);
    const file = input.operand(1) ?? '-';
    const [
      access,
      { openTarget },
      { openDataConnection },
      { receiveAll },
      { transferProgress, transferResult },
    ] = await Promise.all([
      partyOf(input, terminal),
      import('../party/file-ends.js'),
      import('../party/data-connection.js'),
      import('../party/transfer.js'),
      import('../party/transfer-report.js'),
    ]);
    const target = await openTarget(file);
    try {
      const connection = await openDataConnection(access, streamId, terminal.signal);
      terminal.signal.addEventListener('abort', () => connection.destroy(), { once: true });
      const received = await receiveAll(connection, target.stream, transferProgress(terminal, 'receiving'));
      await target.keep();
      // Standard output carries the data itself then.
      if (file === '-') terminal.note(`received ${received.bytes} bytes`);
      else transferResult(terminal, 'received', streamId, received);
    } catch (error) {
      await target.drop();
      throw error;
    }
  },
};
