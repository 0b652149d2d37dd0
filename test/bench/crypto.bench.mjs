import { createRequire } from 'node:module';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { combineShares, splitSecret } from '../../client-sdk/protocol/dist/sharing/sharing.js';
import { openHpke, sealHpke } from '../../client-sdk/protocol/dist/crypto/hpke.js';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../client-sdk/protocol/dist/node/x25519-key.js';
import { figure, rateRatio } from './measure.mjs';

const secrets = createRequire(import.meta.url)('secrets.js-grempe');
const random = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));

/** Sharing and envelopes against the libraries that do the same job. */
export async function cases({ progress }) {
  return { figures: [...(await sharing(progress)), ...(await envelopes(progress))] };
}

async function sharing(progress) {
  progress('sharing: (5,3) of 32 bytes against secrets.js-grempe');
  const secret = random(32);
  const hex = Buffer.from(secret).toString('hex');
  const indices = [1, 2, 3, 4, 5];
  const shares = splitSecret(secret, { threshold: 3, indices }, random).map((bytes, place) => ({
    index: indices[place],
    bytes,
  }));
  const theirs = secrets.share(hex, 5, 3);
  const split = await rateRatio({
    subject: () => splitSecret(secret, { threshold: 3, indices }, random),
    baseline: () => secrets.share(hex, 5, 3),
  });
  const combine = await rateRatio({
    subject: () => combineShares(shares.slice(0, 3), 3),
    baseline: () => secrets.combine(theirs.slice(0, 3)),
  });
  return [
    figure({ id: 'shamir-split', value: split, unit: '× secrets.js', goal: 50 }),
    figure({ id: 'shamir-combine', value: combine, unit: '× secrets.js', goal: 50 }),
  ];
}

async function envelopes(progress) {
  progress('HPKE: one seal or open of 64 bytes against @hpke/core, one at a time');
  const recipientKey = newX25519Key();
  const info = random(64);
  const aad = random(32);
  const plaintext = random(64);
  const ours = sealHpke(
    { recipientPublicKey: recipientKey.publicKey, info, aad, plaintext },
    nodeHpkePrimitives,
  );

  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  });
  const pair = await suite.kem.generateKeyPair();
  const theirs = await suite.seal({ recipientPublicKey: pair.publicKey, info }, plaintext, aad);

  const seal = await rateRatio({
    subject: () =>
      sealHpke({ recipientPublicKey: recipientKey.publicKey, info, aad, plaintext }, nodeHpkePrimitives),
    baseline: () => suite.seal({ recipientPublicKey: pair.publicKey, info }, plaintext, aad),
  });
  const open = await rateRatio({
    subject: () => openHpke({ recipientKey, info, aad, ...ours }, nodeHpkePrimitives),
    baseline: () => suite.open({ recipientKey: pair, enc: theirs.enc, info }, theirs.ct, aad),
  });
  return [
    figure({ id: 'hpke-seal', value: seal, unit: '× @hpke/core', goal: 6 }),
    figure({ id: 'hpke-open', value: open, unit: '× @hpke/core', goal: 6 }),
  ];
}
