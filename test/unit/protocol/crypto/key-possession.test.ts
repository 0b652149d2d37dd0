import { createHash } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { SecretBytes } from '@eko/protocol';
import { decodeBase64Url, encodeBase64Url, lengthPrefixed, utf8Encode } from '@eko/protocol/encoding';
import {
  deriveKemPrivateKey,
  proveNodeKeys,
  verifyNodeKeys,
  type KeyOwner,
  type NodeSeeds,
  type ProvedKeys,
} from '@eko/protocol/crypto';
import { openHpke, sealHpke } from '../../../../client-sdk/protocol/src/crypto/hpke';
import { verifyEd25519 } from '../../../../client-sdk/protocol/src/crypto/ed25519';
import { identityHash } from '@eko/protocol/ledger';
import { importX25519Key, nodeHpkePrimitives } from '@eko/protocol/node';
import { codedError } from '../../../support/coded-error';
import { unhex } from '../published-vectors';

function newSeeds(first: number): Required<NodeSeeds> {
  const seed = <Label extends string>(label: Label, fill: number) =>
    new SecretBytes(label, new Uint8Array(32).fill(fill));
  return {
    kem: seed('kem seed', first),
    sign: seed('sign seed', first + 1),
    vrf: seed('vrf seed', first + 2),
  };
}

const owner: KeyOwner = { nodeId: 'witness-1', identity: identityHash('Org1MSP', new Uint8Array(91)) };
const seeds = newSeeds(1);
const proved = proveNodeKeys(seeds, owner);
const foreign = proveNodeKeys(newSeeds(11), owner);
const text = encodeBase64Url;

/** Points of order 1, 2, 4 and 8, and the encodings of none. */
const UNSOUND = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0200000000000000000000000000000000000000000000000000000000000000',
];

describe('node keys', () => {
  it('are X25519 and Ed25519 keys of their seeds', () => {
    const kemPrivateKey = deriveKemPrivateKey(seeds.kem);
    expect(proved.kem.publicKey).toBe(text(kemPrivateKey.use((secret) => x25519.getPublicKey(secret))));
    expect(proved.sign.publicKey).toBe(text(seeds.sign.use((seed) => ed25519.getPublicKey(seed))));
    expect(proved.vrf?.publicKey).toBe(text(seeds.vrf.use((seed) => ed25519.getPublicKey(seed))));
  });

  it('open what is sealed to the registered key', () => {
    const plaintext = new Uint8Array([1, 2, 3]);
    const [info, aad] = [new Uint8Array(0), new Uint8Array(0)];
    const sealed = sealHpke(
      { recipientPublicKey: decodeBase64Url(proved.kem.publicKey, 32), info, aad, plaintext },
      nodeHpkePrimitives,
    );
    const recipientKey = importX25519Key(deriveKemPrivateKey(seeds.kem));
    const opened = openHpke({ recipientKey, info, aad, ...sealed }, nodeHpkePrimitives);
    expect(Buffer.from(opened)).toEqual(Buffer.from(plaintext));
  });

  it('have no VRF key where there is no seed for one', () => {
    const plain = { kem: seeds.kem, sign: seeds.sign };
    expect(proveNodeKeys(plain, owner).vrf).toBeUndefined();
  });
});

describe('proofs of possession', () => {
  it('hold for their owner, with and without a VRF key', () => {
    expect(() => verifyNodeKeys(proved, owner)).not.toThrow();
    expect(() => verifyNodeKeys({ kem: proved.kem, sign: proved.sign }, owner)).not.toThrow();
  });

  it('hold for nobody else', () => {
    const others: KeyOwner[] = [
      { ...owner, nodeId: 'witness-2' },
      { ...owner, identity: identityHash('Org2MSP', new Uint8Array(91)) },
    ];
    for (const other of others) {
      for (const keys of [
        { ...proveNodeKeys(seeds, other), kem: proved.kem },
        { ...proveNodeKeys(seeds, other), sign: proved.sign },
        { ...proveNodeKeys(seeds, other), vrf: proved.vrf! },
      ]) {
        expect(codedError(() => verifyNodeKeys(keys, other)).code).toBe('INVALID_KEY');
      }
    }
  });

  it.each<[string, ProvedKeys, string]>([
    ['kem', { ...proved, kem: { ...proved.kem, proof: foreign.kem.proof } }, 'kem'],
    ['kem', { ...proved, kem: { ...proved.kem, publicKey: foreign.kem.publicKey } }, 'kem'],
    ['kem', { ...proved, kem: { ...proved.kem, proofKey: foreign.kem.proofKey } }, 'kem'],
    ['kem', { ...proved, kem: { ...foreign.kem, publicKey: proved.kem.publicKey } }, 'kem'],
    ['sign', { ...proved, sign: { ...proved.sign, proof: foreign.sign.proof } }, 'sign'],
    ['sign', { ...proved, sign: { ...proved.sign, publicKey: foreign.sign.publicKey } }, 'sign'],
    ['vrf', { ...proved, vrf: { ...proved.vrf!, proof: foreign.vrf!.proof } }, 'vrf'],
    ['vrf', { ...proved, vrf: { ...proved.vrf!, publicKey: foreign.vrf!.publicKey } }, 'vrf'],
  ])('name the key that is not held: %s', (_, keys, key) => {
    const error = codedError(() => verifyNodeKeys(keys, owner));
    expect(error.code).toBe('INVALID_KEY');
    expect(error.details).toEqual({ key });
  });

  it('do not pass from one purpose to another', () => {
    const same = { ...seeds, kem: new SecretBytes('kem seed', new Uint8Array(32).fill(2)) };
    const { kem, sign } = proveNodeKeys(same, owner);
    expect(kem.proofKey).toBe(sign.publicKey);
    expect(codedError(() => verifyNodeKeys({ kem: { ...kem, proof: sign.proof }, sign }, owner)).code).toBe(
      'INVALID_KEY',
    );
    expect(codedError(() => verifyNodeKeys({ kem, sign: { ...sign, proof: kem.proof } }, owner)).code).toBe(
      'INVALID_KEY',
    );
  });

  it.each(UNSOUND)('refuse the unsound key %s wherever it stands', (hex) => {
    const key = text(unhex(hex));
    for (const keys of [
      { ...proved, kem: { ...proved.kem, publicKey: key } },
      { ...proved, kem: { ...proved.kem, proofKey: key } },
      { ...proved, sign: { ...proved.sign, publicKey: key } },
      { ...proved, vrf: { ...proved.vrf!, publicKey: key } },
    ]) {
      expect(codedError(() => verifyNodeKeys(keys, owner)).code).toBe('INVALID_KEY');
    }
  });

  it('refuse a KEM key that the prover signs for but does not hold', () => {
    const stolen = foreign.kem.publicKey;
    const proof = seeds.kem.use((seed) =>
      ed25519.sign(possessionMessage('kem', decodeBase64Url(stolen)), seed),
    );
    const kem = { ...proved.kem, publicKey: stolen, proof: text(proof) };
    expect(codedError(() => verifyNodeKeys({ ...proved, kem }, owner)).code).toBe('INVALID_KEY');
  });

  it('are over owner, purpose and key', () => {
    for (const [kind, { publicKey, proof }, key] of [
      ['kem', proved.kem, proved.kem.proofKey],
      ['sign', proved.sign, proved.sign.publicKey],
    ] as const) {
      const message = possessionMessage(kind, decodeBase64Url(publicKey));
      expect(ed25519.verify(decodeBase64Url(proof), message, decodeBase64Url(key))).toBe(true);
    }
  });

  it('refuse a key of mixed order, even where its signature holds', () => {
    const { Fn, BASE } = ed25519.Point;
    const scalar = 987_654_321n;
    const key = BASE.multiply(scalar).add(ed25519.Point.fromHex(UNSOUND[3]!)).toBytes();
    const message = possessionMessage('sign', key);
    // A challenge that 8 divides takes the part of small order out of the equation.
    for (let nonce = 1n; ; nonce += 1n) {
      const commitment = BASE.multiply(nonce).toBytes();
      const hash = createHash('sha512').update(commitment).update(key).update(message).digest();
      const challenge = Fn.create(BigInt(`0x${hash.reverse().toString('hex')}`));
      if (challenge % 8n !== 0n) continue;
      const response = Fn.toBytes(Fn.create(nonce + challenge * scalar));
      const proof = Uint8Array.from([...commitment, ...response]);
      expect(verifyEd25519(key, message, proof)).toBe(true);
      const sign = { publicKey: text(key), proof: text(proof) };
      expect(codedError(() => verifyNodeKeys({ ...proved, sign }, owner)).code).toBe('INVALID_KEY');
      return;
    }
  });
});

function possessionMessage(kind: string, key: Uint8Array): Uint8Array {
  const fields = ['eko/1 key possession', owner.nodeId, owner.identity, kind];
  return lengthPrefixed(...fields.map((field) => utf8Encode(field)), key);
}
