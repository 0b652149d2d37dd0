import { textTable, type Command, type CommandInput } from '@eko/command';
import { LEDGER_OPTIONS, profileOf } from './ledger-options';
import { EkoError } from '@eko/protocol';
import type { HistoryReport } from '@eko/audit';

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

const ATTEST_SECONDS = '120';
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** `eko verify history` */
export const verifyHistoryCommand: Command = {
  path: ['verify', 'history'],
  summary:
    "check a channel's blocks as they are signed, and hold them, and witnesses' receipts, against what EKO promises",
  about: [
    "Verified, whoever gives the blocks: their numbers and hashes, the orderers' signatures, and of every valid transaction its creator's signature, its ID, its endorsements and that the keys it read were up to date, all by the configuration in the channel's first block and in those that change it.",
    "Not verified: the first block, unless --first-block names it; that transactions which the peer calls invalid are so, as far as nothing that counts has read what they wrote: compare the report of another organisation's peer; ranges of keys; that the organisations had agreed to a change of the configuration, for which the orderers speak; lists of revoked certificates; endorsement policies of single keys and of private data. Signatures by keys on P-384 do not count.",
  ],
  options: [
    {
      flags: '--receipts <path>',
      summary: 'file of eko node receipts, or folder of such (.jsonl)',
      isList: true,
    },
    {
      flags: '--attest-seconds <seconds>',
      summary: 'after its end, so long the holders of a stream may take to attest its destruction',
      defaultValue: ATTEST_SECONDS,
    },
    {
      flags: '--first-block <hash>',
      summary: "SHA-256 of the channel's first block in hex, from a source that you trust",
    },
    {
      flags: '--acknowledged <file>',
      summary: 'bundles whose request was answered, one ID a line: none may be lost',
    },
    ...LEDGER_OPTIONS,
  ],
  examples: [
    'verify history',
    'verify history --profile fabric.json --receipts receipts --first-block "$HASH"',
    'verify history --receipts witness-1.jsonl --receipts witness-2.jsonl --json',
  ],
  async run(input, terminal) {
    const firstBlockHash = firstBlockOf(input);
    const profile = await profileOf(input, terminal);
    const [{ findReceiptFiles, readAcknowledged, verifyHistory }, { readChannelBlocks }] = await Promise.all([
      import('@eko/audit'),
      import('@eko/sdk/node'),
    ]);
    const signal = AbortSignal.any([terminal.signal, AbortSignal.timeout(DEADLINE_MS)]);
    // They are read after the blocks. What they speak of is on the ledger before they are written.
    const receipts = await findReceiptFiles(input.list('receipts'));
    const acknowledged = await readAcknowledged(input.text('acknowledged'));
    const report = await verifyHistory({
      channel: profile.channel,
      chaincode: profile.chaincode,
      ...(firstBlockHash === undefined ? {} : { firstBlockHash }),
      blocks: readChannelBlocks(profile, signal),
      receipts,
      acknowledged,
      nowUnixMs: Date.now(),
      attestMs: (input.integer('attest-seconds') ?? 0) * 1000,
    });
    const { violations } = report;
    terminal.result(report, linesOf(report));
    if (violations.length === 0) return;
    throw new EkoError(
      'HISTORY_VIOLATED',
      `The history breaks what EKO promises ${violations.length} times`,
      {
        details: {
          rules: [...new Set(violations.map(({ rule }) => rule))],
          next: 'keep the blocks and receipts: they prove it; the nodes that are named must explain',
        },
      },
    );
  },
};

/** @throws EkoError `INVALID_ARGUMENT` */
function firstBlockOf(input: CommandInput): string | undefined {
  const hash = input.text('first-block')?.toLowerCase();
  if (hash === undefined || SHA256_HEX.test(hash)) return hash;
  throw new EkoError('INVALID_ARGUMENT', '--first-block takes 64 hexadecimal digits', {
    details: { option: 'first-block' },
  });
}

function linesOf({
  channel,
  chain,
  ledger,
  streams,
  pending,
  destructions,
  receipts,
  violations,
}: HistoryReport): readonly string[] {
  return [
    `Channel ${channel}: ${ledger.blocks} blocks, ${ledger.valid} valid transactions, ${ledger.invalid} invalid`,
    `  first block ${chain.firstBlockHash ?? 'none'}`,
    `  last block  ${chain.lastBlockHash ?? 'none'}`,
    chain.isSignedByOrderers
      ? '  orderers    their signatures were checked'
      : '  orderers    none: nobody signs the blocks of a development ledger',
    `  streams     ${streams.active} active, ${streams.ended} ended, ${streams.revoked} of them revoked; ${streams.pending} pending, ${streams.lapsed} lapsed`,
    ...pending.map((bundleId) => `    pending   ${bundleId}`),
    `  destruction ${destructions.attested} attested, ${destructions.owed} owed, ${destructions.overdue} of them overdue`,
    `  receipts    ${receipts.read} in ${receipts.logs} files, of ${receipts.shown} that witnesses have shown on the ledger`,
    ...receipts.unread.map((witness) => `    none of   ${witness}`),
    ...(violations.length === 0
      ? ['The history holds.']
      : textTable([
          ['rule', 'block', 'transaction', 'stream', 'receipt', 'what'],
          ...violations.map(({ rule, blockNumber, txId, streamId, receipt, text }) => [
            rule,
            blockNumber?.toString() ?? '',
            txId ?? '',
            streamId ?? '',
            receipt ?? '',
            text,
          ]),
        ])),
  ];
}
