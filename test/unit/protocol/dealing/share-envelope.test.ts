import { inspect } from 'node:util';
import fc from 'fast-check';
import { SecretBytes } from '@eko/protocol';
import {
  hashText,
  openShareEnvelope,
  sealShareEnvelope,
  type DealingContext,
  type HpkePrimitives,
} from '@eko/protocol/crypto';
import { uint16Bytes } from '../../../../client-sdk/protocol/src/encoding/bytes';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { newSampleDealing, openEntry } from '../sample-dealing';

const { context, holders, entries, sheetHash } = newSampleDealing(2);
const [{ nodeId: holder, key: holderKey }, mine] = [holders[2]!, entries[2]!];
const sealing = { context, holder, holderPublicKey: holderKey.publicKey, sheetHash, entries: mine };
const envelope = sealShareEnvelope(sealing, nodeHpkePrimitives);
const opening = { context, holder, holderKey, sheetHash, envelope };

describe('share envelope', () => {
  it('gives its holder every share as it was sealed', () => {
    const opened = openShareEnvelope(opening, nodeHpkePrimitives);
    expect(opened.entries.map(openEntry)).toEqual(mine.map(openEntry));
  });

  it('costs 50 bytes, 2 for the count and 67 for each share', () => {
    expect(envelope).toHaveLength(2 + 32 + 16 + 2 + mine.length * 67);
  });

  it('wipes every opened share on disposal', () => {
    const opened = openShareEnvelope(opening, nodeHpkePrimitives);
    const views = opened.entries.map(({ share }) => share.use((bytes) => bytes));
    opened[Symbol.dispose]();
    expect(views.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(() => opened.entries[0]!.share.use((bytes) => bytes.length)).toThrow(TypeError);
  });

  it('wipes the plaintext that it sealed', () => {
    const plaintexts: Uint8Array[] = [];
    const watching: HpkePrimitives = {
      ...nodeHpkePrimitives,
      aead: {
        ...nodeHpkePrimitives.aead,
        seal: (key, nonce, aad, plaintext) => {
          plaintexts.push(plaintext);
          return nodeHpkePrimitives.aead.seal(key, nonce, aad, plaintext);
        },
      },
    };
    sealShareEnvelope(sealing, watching);
    expect(plaintexts).toHaveLength(1);
    expect(plaintexts[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it('shows nothing of a share when it is printed', () => {
    const opened = openShareEnvelope(opening, nodeHpkePrimitives);
    const printed = inspect(opened, { depth: 9 }) + JSON.stringify(opened);
    for (const { share, salt } of opened.entries.map(openEntry)) {
      expect(printed).not.toContain(share.slice(0, 8));
      expect(printed).not.toContain(salt.slice(0, 8));
    }
    expect(printed).toContain('[redacted]');
  });

  it('opens nowhere else: any field of the context changed refuses it', () => {
    const changes: Partial<DealingContext>[] = [
      { channel: 'other' },
      { bundleId: '6f1f2a52-7f6e-4f51-9f5a-0d3c1b8c1a02' },
      { epoch: 2 },
      { requestTxId: 'cd'.repeat(32) },
      { policyHash: hashText(new Uint8Array([2])) },
      { dealer: 'orchestrator-2' },
      { dealingId: 'BBBBBBBBBBBBBBBBBBBBBA' },
    ];
    expect(changes.map((change) => Object.keys(change)[0])).toEqual(Object.keys(context));
    const attempts = [
      ...changes.map((change) => ({ ...opening, context: { ...context, ...change } })),
      { ...opening, holder: 'witness-2' },
      { ...opening, holderKey: newX25519Key() },
      { ...opening, sheetHash: hashText(new Uint8Array([3])) },
    ];
    for (const attempt of attempts) {
      expect(codedError(() => openShareEnvelope(attempt, nodeHpkePrimitives)).code).toBe('ENVELOPE_INVALID');
    }
  });

  it('refuses every flip, every cut, a wrong version or suite and a megabyte, with one text', () => {
    const hostile = [
      ...flippedAtEveryByte(envelope),
      ...wrongLengths(envelope),
      new Uint8Array(1024 * 1024).fill(1),
      Uint8Array.from([...envelope.slice(0, 2), ...new Uint8Array(32), ...envelope.slice(34)]),
    ];
    const errors = hostile.map((bytes) =>
      codedError(() => openShareEnvelope({ ...opening, envelope: bytes }, nodeHpkePrimitives)),
    );
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['ENVELOPE_INVALID']));
    expect(new Set(errors.map((error) => error.message)).size).toBe(1);
  });

  it('takes any bytes for what they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const open = () => openShareEnvelope({ ...opening, envelope: bytes }, nodeHpkePrimitives);
        expect(codedError(open).code).toBe('ENVELOPE_INVALID');
      }),
    );
  });

  it('seals only a list in order, each stream once', () => {
    const [first, second] = [mine[0]!, mine[1]!];
    for (const bad of [[], [second, first], [first, first], [{ ...first, streamIndex: 200 }]]) {
      expect(() => sealShareEnvelope({ ...sealing, entries: bad }, nodeHpkePrimitives)).toThrow(RangeError);
    }
    const short = { ...first, share: new SecretBytes('share', new Uint8Array(31)) };
    expect(() => sealShareEnvelope({ ...sealing, entries: [short] }, nodeHpkePrimitives)).toThrow(RangeError);
  });
});

describe('what a dealer may have put inside an envelope', () => {
  /** An AEAD that seals another plaintext than it is given: a dealer that keeps no rule. */
  function sealPlaintext(plaintext: Uint8Array): Uint8Array {
    const aead = nodeHpkePrimitives.aead;
    const hostile: HpkePrimitives = {
      ...nodeHpkePrimitives,
      aead: { ...aead, seal: (key, nonce, aad) => aead.seal(key, nonce, aad, plaintext) },
    };
    return sealShareEnvelope(sealing, hostile);
  }
  const entry = (stream: number) => [...uint16Bytes(stream), 1, ...new Uint8Array(64).fill(9)];
  const list = (count: number, ...streams: number[]) =>
    Uint8Array.from([...uint16Bytes(count), ...streams.flatMap(entry)]);

  it('opens a list that keeps the rules', () => {
    const opened = openShareEnvelope(
      { ...opening, envelope: sealPlaintext(list(2, 4, 199)) },
      nodeHpkePrimitives,
    );
    expect(opened.entries.map(({ streamIndex }) => streamIndex)).toEqual([4, 199]);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['half a count', Uint8Array.of(0)],
    ['an empty list', list(0)],
    ['fewer shares than it claims', list(3, 0, 1)],
    ['more shares than it claims', list(1, 0, 1)],
    ['a byte more', Uint8Array.from([...list(1, 0), 0])],
    ['a stream twice', list(2, 1, 1)],
    ['streams out of order', list(2, 1, 0)],
    ['a stream out of range', list(1, 200)],
    ['65,535 shares claimed', list(65_535, 0)],
  ])('refuses %s', (_, plaintext) => {
    const open = () =>
      openShareEnvelope({ ...opening, envelope: sealPlaintext(plaintext) }, nodeHpkePrimitives);
    expect(codedError(open).code).toBe('ENVELOPE_INVALID');
  });

  it('accepts a plaintext only in its one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2), (noise, count) => {
        const plaintext = Uint8Array.from([...uint16Bytes(count), ...noise]);
        const open = () =>
          openShareEnvelope({ ...opening, envelope: sealPlaintext(plaintext) }, nodeHpkePrimitives);
        if (count === 0 || noise.length !== count * 67) {
          expect(codedError(open).code).toBe('ENVELOPE_INVALID');
        }
      }),
      { numRuns: 50 },
    );
  });
});
