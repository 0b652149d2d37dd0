import { EkoError } from '@eko/protocol';
import { BundleId } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';
import type { Command } from '@eko/command';
import { partyOf, partyOptions } from './party-options';
import { streamTable } from './stream-lines';

/** `eko stream accept` */
export const streamAccept: Command = {
  path: ['stream', 'accept'],
  summary: 'consent to a bundle that no standing offer covers, as its provider',
  operands: [{ form: '<bundleId>', summary: 'the part of the stream ID before the slash' }],
  options: partyOptions('provider'),
  examples: [
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11',
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11 --party http://127.0.0.1:8080 --token-file api.token',
    'stream accept 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11 --json',
  ],
  async run(input, terminal) {
    const { PartyApi } = await import('@eko/sdk/rest');
    const party = new PartyApi(await partyOf(input, terminal), terminal.signal);
    const bundleId = input.requiredOperand(0);
    if (!fits(BundleId, bundleId)) {
      const text = 'A bundle ID is a UUID in lower case: the part of a stream ID before the slash';
      throw new EkoError('INVALID_ARGUMENT', text, {
        details: { next: 'see which streams wait: eko stream list --state requested --as provider' },
      });
    }
    const bundle = await party.accept(bundleId);
    terminal.result(bundle, streamTable(bundle.streams));
  },
};
