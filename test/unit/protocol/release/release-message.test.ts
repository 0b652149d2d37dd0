import { SecretBytes } from '@eko/protocol';
import {
  entriesHash,
  hashText,
  openReleaseMessage,
  receiptHash,
  sealReleaseMessage,
  shareCommitment,
  type HpkePrimitives,
  type ReceiptEntry,
  type ReleaseContext,
  type ReleasedShare,
} from '@eko/protocol/crypto';
import { NO_PREVIOUS_RECEIPT } from '../../../../client-sdk/protocol/src/release/receipt';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { SAMPLE_CONTEXT, newSampleDealing, openEntry } from '../sample-dealing';

const { entries: dealt } = newSampleDealing(3);
const partyKey = newX25519Key();
const context: ReleaseContext = {
  channel: 'trade',
  bundleId: SAMPLE_CONTEXT.bundleId,
  epoch: 1,
  witness: 'witness-1',
  party: 'initiator-1',
  permitTxId: 'ef'.repeat(32),
};
const receipt: ReleaseReceipt = {
  ...context,
  fence: 0,
  activationTxId: 'cd'.repeat(32),
  streams: [0, 1, 2],
  entriesHash: hashText(new Uint8Array(1)),
  sequence: 1,
  previousHash: NO_PREVIOUS_RECEIPT,
  atUnixMs: 1_800_000_000_000,
};
const entries: readonly ReleasedShare[] = ['orchestrator-2', 'orchestrator-1'].flatMap((dealer, at) =>
  dealt[2 + at]!.map((entry) => ({ ...entry, dealer })),
);
const sealing = {
  context,
  partyPublicKey: partyKey.publicKey,
  receiptHash: receiptHash(receipt),
  entries,
};
const sealed = sealReleaseMessage(sealing, nodeHpkePrimitives);
const opening = { context, partyKey, receiptHash: receiptHash(receipt), sealed };
const openShare = (entry: ReleasedShare) => ({ dealer: entry.dealer, ...openEntry(entry) });

describe('release message', () => {
  it('gives the party every share by its dealer, in one order', () => {
    const opened = openReleaseMessage(opening, nodeHpkePrimitives);
    const inOrder = [...entries.slice(3), ...entries.slice(0, 3)];
    expect(opened.entries.map(openShare)).toEqual(inOrder.map(openShare));
  });

  it('opens for this party, witness, permit and receipt alone', () => {
    const changes: Partial<ReleaseContext>[] = [
      { channel: 'other' },
      { bundleId: '6f1f2a52-7f6e-4f51-9f5a-0d3c1b8c1a02' },
      { epoch: 2 },
      { witness: 'witness-2' },
      { party: 'provider-1' },
      { permitTxId: 'ab'.repeat(32) },
    ];
    expect(changes.map((change) => Object.keys(change)[0])).toEqual(Object.keys(context));
    const attempts = [
      ...changes.map((change) => ({ ...opening, context: { ...context, ...change } })),
      { ...opening, partyKey: newX25519Key() },
      { ...opening, receiptHash: receiptHash({ ...receipt, sequence: 2 }) },
    ];
    for (const attempt of attempts) {
      expect(codedError(() => openReleaseMessage(attempt, nodeHpkePrimitives)).code).toBe('ENVELOPE_INVALID');
    }
  });

  it('refuses every flip and every cut', () => {
    for (const bytes of [...flippedAtEveryByte(sealed), ...wrongLengths(sealed)]) {
      const open = () => openReleaseMessage({ ...opening, sealed: bytes }, nodeHpkePrimitives);
      expect(codedError(open).code).toBe('ENVELOPE_INVALID');
    }
  });

  it('seals each share of a dealer and stream once', () => {
    const manyDealers = Array.from({ length: 9 }, (_, i) => ({
      ...entries[0]!,
      dealer: `orchestrator-${i}`,
    }));
    for (const bad of [[], [...entries, entries[0]!], manyDealers]) {
      expect(() => sealReleaseMessage({ ...sealing, entries: bad }, nodeHpkePrimitives)).toThrow(RangeError);
    }
  });

  it('carries the largest bundle of the most dealers', () => {
    const largest = Array.from({ length: 8 * 200 }, (_, i) => ({
      dealer: `orchestrator-${Math.floor(i / 200)}`,
      streamIndex: i % 200,
      shareIndex: 1,
      share: new SecretBytes('share', new Uint8Array(32)),
      salt: new SecretBytes('share salt', new Uint8Array(32)),
    }));
    const bytes = sealReleaseMessage({ ...sealing, entries: largest }, nodeHpkePrimitives);
    const opened = openReleaseMessage({ ...opening, sealed: bytes }, nodeHpkePrimitives);
    expect(opened.entries).toHaveLength(1600);
  });
});

describe('what a witness may have put inside a release', () => {
  function sealPlaintext(plaintext: readonly number[]): Uint8Array {
    const { aead } = nodeHpkePrimitives;
    const hostile: HpkePrimitives = {
      ...nodeHpkePrimitives,
      aead: { ...aead, seal: (key, nonce, aad) => aead.seal(key, nonce, aad, Uint8Array.from(plaintext)) },
    };
    return sealReleaseMessage(sealing, hostile);
  }
  const entry = (dealer: number, stream: number) => [dealer, 0, stream, 1, ...new Uint8Array(64)];
  const [A, B] = [
    [1, 0x61],
    [1, 0x62],
  ] as const;

  it('opens a list that keeps the rules', () => {
    const plaintext = [2, ...A, ...B, 0, 2, ...entry(0, 5), ...entry(1, 0)];
    const opened = openReleaseMessage({ ...opening, sealed: sealPlaintext(plaintext) }, nodeHpkePrimitives);
    expect(opened.entries.map(({ dealer, streamIndex }) => [dealer, streamIndex])).toEqual([
      ['a', 5],
      ['b', 0],
    ]);
  });

  it.each([
    ['nothing', []],
    ['no dealer', [0, 0, 0]],
    ['no share', [1, ...A, 0, 0]],
    ['dealers out of order', [2, ...B, ...A, 0, 2, ...entry(0, 0), ...entry(1, 0)]],
    ['a dealer twice', [2, ...A, ...A, 0, 2, ...entry(0, 0), ...entry(1, 0)]],
    ['a dealer of nothing', [2, ...A, ...B, 0, 1, ...entry(0, 0)]],
    ['a first dealer of nothing', [2, ...A, ...B, 0, 1, ...entry(1, 0)]],
    ['an unknown dealer', [1, ...A, 0, 1, ...entry(1, 0)]],
    ['a share twice', [1, ...A, 0, 2, ...entry(0, 0), ...entry(0, 0)]],
    ['streams out of order', [1, ...A, 0, 2, ...entry(0, 1), ...entry(0, 0)]],
    ['a stream out of range', [1, ...A, 0, 1, ...entry(0, 200)]],
    ['a share less than it claims', [1, ...A, 0, 2, ...entry(0, 0)]],
    ['a byte more', [1, ...A, 0, 1, ...entry(0, 0), 0]],
    ['a name that is no text', [1, 1, 0xff, 0, 1, ...entry(0, 0)]],
    [
      '9 dealers',
      [
        9,
        ...Array.from({ length: 9 }, (_, i) => [1, 0x61 + i]).flat(),
        0,
        9,
        ...Array.from({ length: 9 }, (_, i) => entry(i, 0)).flat(),
      ],
    ],
  ])('refuses %s', (_, plaintext) => {
    const open = () =>
      openReleaseMessage({ ...opening, sealed: sealPlaintext(plaintext) }, nodeHpkePrimitives);
    expect(codedError(open).code).toBe('ENVELOPE_INVALID');
  });
});

describe('receipt', () => {
  const listed: readonly ReceiptEntry[] = entries.map((entry) => ({
    dealer: entry.dealer,
    dealingId: SAMPLE_CONTEXT.dealingId,
    sheetHash: hashText(new Uint8Array(2)),
    streamIndex: entry.streamIndex,
    shareIndex: entry.shareIndex,
    commitment: shareCommitment({ ...SAMPLE_CONTEXT, dealer: entry.dealer }, 'witness-1', entry),
  }));

  it('hashes its entries in whatever order they come', () => {
    expect(entriesHash([...listed].reverse())).toBe(entriesHash(listed));
  });

  it('hashes any change of an entry to something else', () => {
    const [first, ...rest] = [listed[0]!, ...listed.slice(1)];
    const changed: Partial<ReceiptEntry>[] = [
      { dealer: 'orchestrator-3' },
      { dealingId: 'B'.repeat(21) + 'A' },
      { sheetHash: hashText(new Uint8Array(3)) },
      { streamIndex: 9 },
      { shareIndex: 9 },
      { commitment: new Uint8Array(32) },
    ];
    const hashes = changed.map((change) => entriesHash([{ ...first, ...change }, ...rest]));
    expect(new Set([...hashes, entriesHash(listed), entriesHash(rest)]).size).toBe(changed.length + 2);
  });

  it('chains by the hash of the whole receipt', () => {
    const hashes = [
      receiptHash(receipt),
      receiptHash({ ...receipt, previousHash: receiptHash(receipt) }),
      receiptHash({ ...receipt, atUnixMs: receipt.atUnixMs + 1 }),
    ];
    expect(new Set(hashes).size).toBe(3);
    expect(NO_PREVIOUS_RECEIPT).toBe('A'.repeat(43));
  });
});
