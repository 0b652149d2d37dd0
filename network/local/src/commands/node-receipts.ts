import type { Command } from '@eko/command';

/** `eko node receipts` */
export const nodeReceipts: Command = {
  path: ['node', 'receipts'],
  summary: "write a stopped witness's signed receipts to a file, for auditors",
  options: [
    { flags: '--data <path>', summary: "the witness's dataDirectory", isRequired: true },
    { flags: '--output <file>', summary: 'a new file, one receipt a line', isRequired: true },
  ],
  examples: [
    'node receipts --data /var/lib/eko/witness-7 --output witness-7.jsonl',
    'node receipts --data .eko/nodes/witness-1/data --output receipts/witness-1.jsonl',
    'node receipts --data data --output witness.jsonl --json',
  ],
  async run(input, terminal) {
    const data = input.requiredText('data');
    const output = input.requiredText('output');
    const [{ readReceipts }, { writeReceipts }] = await Promise.all([
      import('@eko/witness'),
      import('@eko/audit'),
    ]);
    const receipts = await writeReceipts(output, readReceipts(data));
    terminal.result({ receipts, output }, [`${receipts} receipts are in ${output}.`]);
  },
};
