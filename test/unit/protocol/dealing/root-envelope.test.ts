import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  deriveTreeNodes,
  hashText,
  openRootEnvelope,
  sealRootEnvelope,
  type DealingContext,
  type HpkePrimitives,
} from '@eko/protocol/crypto';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { hexOf, newSampleDealing } from '../sample-dealing';

const { context, holders, roots, sheetHash } = newSampleDealing(2);
const [{ nodeId: holder, key: holderKey }, mine] = [holders[2]!, roots[2]!];
const sealing = { context, holder, holderPublicKey: holderKey.publicKey, sheetHash, root: mine };
const envelope = sealRootEnvelope(sealing, nodeHpkePrimitives);
const opening = { context, holder, holderKey, sheetHash, envelope };

describe('root envelope', () => {
  it('gives its holder the root as it was sealed', () => {
    const { depth, position, secret } = openRootEnvelope(opening, nodeHpkePrimitives);
    expect([depth, position, hexOf(secret)]).toEqual([0, 0, hexOf(mine.secret)]);
  });

  it('costs 50 bytes and the root, however many streams it is for', () => {
    expect(envelope).toHaveLength(2 + 32 + 16 + 32);
  });

  it('wipes the opened root on disposal', () => {
    const { secret } = openRootEnvelope(opening, nodeHpkePrimitives);
    const view = secret.use((bytes) => bytes);
    secret.dispose();
    expect(view.every((byte) => byte === 0)).toBe(true);
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
    sealRootEnvelope(sealing, watching);
    expect(plaintexts).toHaveLength(1);
    expect(plaintexts[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it('shows nothing of the root when it is printed', () => {
    const opened = openRootEnvelope(opening, nodeHpkePrimitives);
    const printed = inspect(opened, { depth: 9 }) + JSON.stringify(opened);
    expect(printed).not.toContain(hexOf(opened.secret).slice(0, 8));
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
      expect(codedError(() => openRootEnvelope(attempt, nodeHpkePrimitives)).code).toBe('ENVELOPE_INVALID');
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
      codedError(() => openRootEnvelope({ ...opening, envelope: bytes }, nodeHpkePrimitives)),
    );
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['ENVELOPE_INVALID']));
    expect(new Set(errors.map((error) => error.message)).size).toBe(1);
  });

  it('takes any bytes for what they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const open = () => openRootEnvelope({ ...opening, envelope: bytes }, nodeHpkePrimitives);
        expect(codedError(open).code).toBe('ENVELOPE_INVALID');
      }),
    );
  });

  it('seals nothing but a root', () => {
    for (const root of deriveTreeNodes([mine], [{ depth: 1, position: 0 }]))
      expect(() => sealRootEnvelope({ ...sealing, root }, nodeHpkePrimitives)).toThrow(RangeError);
  });

  it.each([0, 31, 33, 64])('refuses %d bytes that a dealer put in the place of a root', (length) => {
    const { aead } = nodeHpkePrimitives;
    const hostile: HpkePrimitives = {
      ...nodeHpkePrimitives,
      aead: { ...aead, seal: (key, nonce, aad) => aead.seal(key, nonce, aad, new Uint8Array(length)) },
    };
    const open = () =>
      openRootEnvelope({ ...opening, envelope: sealRootEnvelope(sealing, hostile) }, nodeHpkePrimitives);
    expect(codedError(open).code).toBe('ENVELOPE_INVALID');
  });
});
