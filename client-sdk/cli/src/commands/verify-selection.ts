import type { Command } from '@eko/command';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';

const DEADLINE_MS = 15 * 60_000;

/** `eko verify selection` */
export const verifySelectionCommand: Command = {
  path: ['verify', 'selection'],
  summary: "draw a stream's witnesses again from the channel's blocks, and compare",
  about: [
    "Every block is checked to be the channel's before anything in it is believed, as eko verify history does. So are the request, the consent and the assignments that the draw rests on.",
  ],
  operands: [{ form: '<streamId>', summary: 'bundleId/index' }],
  options: LEDGER_OPTIONS,
  examples: [
    'verify selection 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0',
    'verify selection 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --profile fabric.json',
    'verify selection 7b0e1f9c-3f0a-4c56-9d0e-0d6a5a3b2c11/0 --json',
  ],
  async run(input, terminal) {
    const profile = await profileOf(input, terminal);
    const [{ verifySelection }, { readChannelBlocks }] = await Promise.all([
      import('@eko/audit'),
      import('@eko/sdk/node'),
    ]);
    const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(DEADLINE_MS)]);
    const { channel, chaincode } = profile;
    const blocks = readChannelBlocks(profile, signal);
    const terms = { channel, chaincode, blocks, nowUnixMs: Date.now() };
    const verified = await verifySelection(terms, input.requiredOperand(0));
    terminal.result({ matches: true, ...verified }, [
      `The draw holds: ${verified.drawn.join(', ')}`,
      `  out of      ${verified.candidates.join(', ')}`,
      `  seed        ${verified.seed}, from proofs of ${verified.orchestrators.join(', ')}`,
      `  requested   ${verified.requestTxId}`,
      `  on record   ${verified.recordTxId}`,
    ]);
  },
};
