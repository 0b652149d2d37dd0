import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SecretBytes } from '@eko/protocol';
import type { HpkeAead, HpkePrimitives } from '@eko/protocol/crypto';
import {
  newHpkeRecipient,
  newHpkeSender,
  openHpke,
  sealHpke,
} from '../../../../client-sdk/protocol/src/crypto/hpke';
import { utf8Encode } from '@eko/protocol/encoding';
import { importX25519Key, nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import rfc9180 from '../../../vectors/hpke-rfc9180.json';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { NO_PUBLISHED_VECTORS, hasPublishedVectors, readPublishedVectors, unhex } from '../published-vectors';
import { describeIf } from '../../../support/skip';

interface Vector {
  readonly aead_id: number;
  readonly info: string;
  readonly skRm: string;
  readonly skEm: string;
  readonly enc: string;
  readonly encryptions: readonly { readonly aad: string; readonly ct: string; readonly pt: string }[];
}

interface PublishedVector extends Vector {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
}

const EXPORT_ONLY = 0xffff;

/** AES-GCM for vectors only: the protocol itself offers ChaCha20-Poly1305. */
function aesGcm(id: number, name: 'aes-128-gcm' | 'aes-256-gcm', keyBytes: number): HpkeAead {
  return {
    id,
    keyBytes,
    nonceBytes: 12,
    seal: (key, nonce, aad, plaintext) => {
      const cipher = createCipheriv(name, key, nonce).setAAD(aad);
      return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    open: (key, nonce, aad, ciphertext) => {
      const decipher = createDecipheriv(name, key, nonce).setAAD(aad);
      decipher.setAuthTag(ciphertext.subarray(-16));
      return Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
    },
  };
}

const AEADS = new Map(
  [aesGcm(1, 'aes-128-gcm', 16), aesGcm(2, 'aes-256-gcm', 32), nodeHpkePrimitives.aead].map((aead) => [
    aead.id,
    aead,
  ]),
);

function x25519(hex: string) {
  return importX25519Key(new SecretBytes('kem private key', unhex(hex)));
}

function primitivesOf(vector: Vector): HpkePrimitives {
  const aead = AEADS.get(vector.aead_id);
  if (aead === undefined) throw new Error(`no AEAD ${vector.aead_id}`);
  return { ...nodeHpkePrimitives, aead, newEphemeralKey: () => x25519(vector.skEm) };
}

/** Runs through the vector's sequence, asking at each number that `messages` knows. */
function checkVector(vector: Vector, messages: ReadonlyMap<number, Vector['encryptions'][number]>): void {
  const primitives = primitivesOf(vector);
  const recipientKey = x25519(vector.skRm);
  const info = unhex(vector.info);
  const sender = newHpkeSender({ recipientPublicKey: recipientKey.publicKey, info }, primitives);
  const recipient = newHpkeRecipient({ recipientKey, enc: unhex(vector.enc), info }, primitives);
  expect(Buffer.from(sender.enc).toString('hex')).toBe(vector.enc);
  const last = Math.max(...messages.keys());
  for (let sequence = 0; sequence <= last; sequence += 1) {
    const message = messages.get(sequence);
    const aad = message === undefined ? new Uint8Array(0) : unhex(message.aad);
    const sealed = sender.seal(aad, message === undefined ? new Uint8Array(0) : unhex(message.pt));
    const opened = recipient.open(aad, sealed);
    if (message === undefined) continue;
    expect(Buffer.from(sealed).toString('hex')).toBe(message.ct);
    expect(Buffer.from(opened).toString('hex')).toBe(message.pt);
  }
}

describe('HPKE', () => {
  it.each(rfc9180.vectors)('gives the published messages of RFC 9180 (AEAD $aead_id)', (vector) => {
    checkVector(vector, new Map(vector.encryptions.map((message) => [message.sequence, message])));
  });

  const recipientKey = newX25519Key();
  const info = utf8Encode('what it is for');
  const aad = utf8Encode('what it goes with');
  const plaintext = utf8Encode('sixty-four bytes of share and salt, which nobody else may ever see');
  const sealed = sealHpke(
    { recipientPublicKey: recipientKey.publicKey, info, aad, plaintext },
    nodeHpkePrimitives,
  );
  const opening = { recipientKey, info, aad, ...sealed };

  it('opens what it sealed', () => {
    expect(Buffer.from(openHpke(opening, nodeHpkePrimitives))).toEqual(Buffer.from(plaintext));
  });

  it('never seals twice alike', () => {
    const again = sealHpke(
      { recipientPublicKey: recipientKey.publicKey, info, aad, plaintext },
      nodeHpkePrimitives,
    );
    expect(again.enc).not.toEqual(sealed.enc);
    expect(again.ciphertext).not.toEqual(sealed.ciphertext);
  });

  it('opens nothing else, and says no more than that', () => {
    const changed = [
      { ...opening, info: utf8Encode('something else') },
      { ...opening, aad: utf8Encode('something else') },
      { ...opening, recipientKey: newX25519Key() },
      ...[...flippedAtEveryByte(sealed.ciphertext)].map((ciphertext) => ({ ...opening, ciphertext })),
      ...[...wrongLengths(sealed.ciphertext)].map((ciphertext) => ({ ...opening, ciphertext })),
      ...[...flippedAtEveryByte(sealed.enc)].map((enc) => ({ ...opening, enc })),
      ...[...wrongLengths(sealed.enc)].map((enc) => ({ ...opening, enc })),
      { ...opening, enc: new Uint8Array(32) },
    ];
    const errors = changed.map((input) => codedError(() => openHpke(input, nodeHpkePrimitives)));
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['ENVELOPE_INVALID']));
    expect(new Set(errors.map((error) => error.message)).size).toBe(1);
    expect(errors.every((error) => error.cause === undefined)).toBe(true);
  });

  it('refuses messages out of their sequence', () => {
    const sender = newHpkeSender({ recipientPublicKey: recipientKey.publicKey, info }, nodeHpkePrimitives);
    const recipient = newHpkeRecipient({ recipientKey, enc: sender.enc, info }, nodeHpkePrimitives);
    const [first, second] = [sender.seal(aad, plaintext), sender.seal(aad, plaintext)];
    expect(codedError(() => recipient.open(aad, second)).code).toBe('ENVELOPE_INVALID');
    expect(recipient.open(aad, first)).toHaveLength(plaintext.length);
    expect(codedError(() => recipient.open(aad, first)).code).toBe('ENVELOPE_INVALID');
    expect(recipient.open(aad, second)).toHaveLength(plaintext.length);
  });

  // The points of order 1, 2, 4 and 8 in Montgomery form, and forms of them that are not reduced (RFC 7748 section 6.1).
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('seals nothing to a key of small order: %s', (key) => {
    const seal = () => sealHpke({ recipientPublicKey: unhex(key), info, aad, plaintext }, nodeHpkePrimitives);
    expect(codedError(seal).code).toBe('INVALID_KEY');
    const open = () => openHpke({ ...opening, enc: unhex(key) }, nodeHpkePrimitives);
    expect(codedError(open).code).toBe('ENVELOPE_INVALID');
  });

  it('refuses an all-zero secret whatever the platform says of it', () => {
    const blind: HpkePrimitives = {
      ...nodeHpkePrimitives,
      newEphemeralKey: () => ({ publicKey: new Uint8Array(32), agree: () => new Uint8Array(32) }),
    };
    const seal = () => sealHpke({ recipientPublicKey: recipientKey.publicKey, info, aad, plaintext }, blind);
    expect(codedError(seal).code).toBe('INVALID_KEY');
  });
});

describeIf(hasPublishedVectors, NO_PUBLISHED_VECTORS, 'HPKE against the whole published file', () => {
  const vectors = hasPublishedVectors
    ? (readPublishedVectors('rfc9180/vectors.json.gz') as PublishedVector[]).filter(
        (vector) =>
          vector.mode === 0 &&
          vector.kem_id === 0x20 &&
          vector.kdf_id === 1 &&
          vector.aead_id !== EXPORT_ONLY,
      )
    : [];

  it('has all three ciphers', () => {
    expect(vectors.map((vector) => vector.aead_id)).toEqual([1, 2, 3]);
  });

  it.each(vectors)('gives all messages with AEAD $aead_id', (vector) => {
    expect(vector.encryptions).toHaveLength(257);
    checkVector(vector, new Map(vector.encryptions.entries()));
  });
});
