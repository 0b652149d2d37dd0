import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { SecretBytes } from '@eko/protocol';
import {
  newHpkeRecipient,
  newHpkeSender,
  openHpke,
  sealHpke,
} from '../../../client-sdk/protocol/src/crypto/hpke';
import { utf8Encode } from '@eko/protocol/encoding';
import { importX25519Key, nodeHpkePrimitives } from '@eko/protocol/node';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});
const info = utf8Encode('interoperation');
const sizes = [0, 1, 67, 4096];

/** Their functions take arrays on an ArrayBuffer of their own only. */
const own = (bytes: Uint8Array) => Uint8Array.from(bytes);

async function newRecipient() {
  const keys = await suite.kem.generateKeyPair();
  const privateBytes = new Uint8Array(await suite.kem.serializePrivateKey(keys.privateKey));
  return { theirs: keys, ours: importX25519Key(new SecretBytes('kem private key', privateBytes)) };
}

describe('HPKE with @hpke/core', () => {
  it('agrees on the public key', async () => {
    const { theirs, ours } = await newRecipient();
    const raw = new Uint8Array(await suite.kem.serializePublicKey(theirs.publicKey));
    expect(Buffer.from(ours.publicKey)).toEqual(Buffer.from(raw));
  });

  it.each(sizes)('opens what it sealed: %i bytes', async (size) => {
    const { theirs, ours } = await newRecipient();
    const plaintext = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
    const aad = utf8Encode(`size ${size}`);
    const sealed = await suite.seal(
      { recipientPublicKey: theirs.publicKey, info: own(info) },
      own(plaintext),
      own(aad),
    );
    const opened = openHpke(
      {
        recipientKey: ours,
        enc: new Uint8Array(sealed.enc),
        info,
        aad,
        ciphertext: new Uint8Array(sealed.ct),
      },
      nodeHpkePrimitives,
    );
    expect(Buffer.from(opened)).toEqual(Buffer.from(plaintext));
  });

  it.each(sizes)('has what we sealed opened: %i bytes', async (size) => {
    const { theirs, ours } = await newRecipient();
    const plaintext = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
    const aad = utf8Encode(`size ${size}`);
    const sealed = sealHpke({ recipientPublicKey: ours.publicKey, info, aad, plaintext }, nodeHpkePrimitives);
    const opened = await suite.open(
      { recipientKey: theirs.privateKey, enc: own(sealed.enc), info: own(info) },
      own(sealed.ciphertext),
      own(aad),
    );
    expect(Buffer.from(opened)).toEqual(Buffer.from(plaintext));
  });

  it('keeps the same sequence in both directions', async () => {
    const { theirs, ours } = await newRecipient();
    const sender = newHpkeSender({ recipientPublicKey: ours.publicKey, info }, nodeHpkePrimitives);
    const theirRecipient = await suite.createRecipientContext({
      recipientKey: theirs.privateKey,
      enc: own(sender.enc),
      info: own(info),
    });
    const theirSender = await suite.createSenderContext({
      recipientPublicKey: theirs.publicKey,
      info: own(info),
    });
    const recipient = newHpkeRecipient(
      { recipientKey: ours, enc: new Uint8Array(theirSender.enc), info },
      nodeHpkePrimitives,
    );
    for (let sequence = 0; sequence < 300; sequence += 1) {
      const text = utf8Encode(`message ${sequence}`);
      const aad = utf8Encode(`aad ${sequence}`);
      const there = await theirRecipient.open(own(sender.seal(aad, text)), own(aad));
      expect(Buffer.from(there)).toEqual(Buffer.from(text));
      const back = recipient.open(aad, new Uint8Array(await theirSender.seal(own(text), own(aad))));
      expect(Buffer.from(back)).toEqual(Buffer.from(text));
    }
  });
});
