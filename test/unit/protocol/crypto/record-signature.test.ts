import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { SecretBytes } from '@eko/protocol';
import { LABELS, signRecord, verifyRecordSignature, type SignatureVerifier } from '@eko/protocol/crypto';
import { verifyEd25519 } from '../../../../client-sdk/protocol/src/crypto/ed25519';
import { encodeBase64Url, lengthPrefixed, utf8Encode } from '@eko/protocol/encoding';
import { newEd25519Signer, verifyEd25519OnNode } from '@eko/protocol/node';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { NO_PUBLISHED_VECTORS, hasPublishedVectors, readPublishedVectors, unhex } from '../published-vectors';
import { describeIf } from '../../../support/skip';

const seed = new Uint8Array(32).fill(5);
const publicKey = ed25519.getPublicKey(seed);
const sign = newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(seed)));
const record = { b: 1, a: ['x', true, null] };
const label = LABELS.receiptSignature;
const VERIFIERS: readonly (readonly [string, SignatureVerifier])[] = [
  ['the pure verifier', verifyEd25519],
  ['OpenSSL', verifyEd25519OnNode],
];

describe('signer on node:crypto', () => {
  it('signs exactly as the pure library does', () => {
    for (const message of [new Uint8Array(0), utf8Encode('message'), new Uint8Array(5000)]) {
      expect(Buffer.from(sign(message))).toEqual(Buffer.from(ed25519.sign(message, seed)));
    }
  });
});

describe.each(VERIFIERS)('record signature with %s', (_, verify) => {
  const signature = signRecord(label, record, sign);
  const key = encodeBase64Url(publicKey);
  const check = (...changed: Partial<[typeof LABELS.dealingSignature, unknown, string, string]>) =>
    verifyRecordSignature(
      changed[0] ?? label,
      changed[1] ?? record,
      changed[2] ?? signature,
      changed[3] ?? key,
      verify,
    );

  it('holds for the record in whatever order its fields stand', () => {
    expect(() => check(undefined, { a: ['x', true, null], b: 1 })).not.toThrow();
  });

  it('refuses another label, record or key, and every flip of the signature', () => {
    expect(codedError(() => check(LABELS.dealingSignature)).code).toBe('BAD_SIGNATURE');
    expect(codedError(() => check(undefined, { ...record, b: 2 })).code).toBe('BAD_SIGNATURE');
    const other = encodeBase64Url(ed25519.getPublicKey(new Uint8Array(32).fill(6)));
    expect(codedError(() => check(undefined, undefined, undefined, other)).code).toBe('BAD_SIGNATURE');
    const bytes = sign(lengthPrefixed(utf8Encode(label), utf8Encode('{"a":["x",true,null],"b":1}')));
    expect(encodeBase64Url(bytes)).toBe(signature);
    for (const bad of flippedAtEveryByte(bytes)) {
      expect(codedError(() => check(undefined, undefined, encodeBase64Url(bad))).code).toBe('BAD_SIGNATURE');
    }
  });

  it('refuses a signature of another size as malformed', () => {
    expect(codedError(() => check(undefined, undefined, signature.slice(1))).code).toBe('INVALID_ARGUMENT');
  });
});

describe.each(VERIFIERS)('Ed25519 with %s', (_, verify) => {
  const message = utf8Encode('message');
  const signature = sign(message);

  it('refuses what is cut, and never throws', () => {
    for (const bad of wrongLengths(signature)) expect(verify(publicKey, message, bad)).toBe(false);
    for (const bad of wrongLengths(publicKey)) expect(verify(bad, message, signature)).toBe(false);
    for (const bad of flippedAtEveryByte(publicKey)) expect(verify(bad, message, signature)).toBe(false);
  });

  it('refuses a second form of a signature: a response that is not reduced', () => {
    const response =
      BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString('hex')}`) + ed25519.Point.Fn.ORDER;
    const second = Uint8Array.from(signature);
    second.set(unhex(response.toString(16).padStart(64, '0')).reverse(), 32);
    expect(verify(publicKey, message, second)).toBe(false);
  });

  it('refuses a signature that holds only up to a point of small order', () => {
    const torsion = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
    const shifted = signWithCommitment(message, (commitment) => commitment.add(torsion));
    expect(ed25519.verify(shifted, message, publicKey, { zip215: false })).toBe(true);
    expect(verify(publicKey, message, shifted)).toBe(false);
    expect(
      verify(
        publicKey,
        message,
        signWithCommitment(message, (commitment) => commitment),
      ),
    ).toBe(true);
  });
});

type Point = typeof ed25519.Point.BASE;

/** Signs with a commitment of the signer's making. */
function signWithCommitment(message: Uint8Array, change: (commitment: Point) => Point): Uint8Array {
  const { Fn, BASE } = ed25519.Point;
  const { scalar } = ed25519.utils.getExtendedPublicKey(seed);
  const nonce = 1_234_567n;
  const commitment = change(BASE.multiply(nonce)).toBytes();
  const hash = createHash('sha512').update(commitment).update(publicKey).update(message).digest();
  const challenge = Fn.create(BigInt(`0x${hash.reverse().toString('hex')}`));
  return Uint8Array.from([...commitment, ...Fn.toBytes(Fn.create(nonce + challenge * scalar))]);
}

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

describeIf(hasPublishedVectors, NO_PUBLISHED_VECTORS, 'Ed25519 against Wycheproof', () => {
  const { testGroups } = hasPublishedVectors
    ? (readPublishedVectors('wycheproof/ed25519_test.json') as WycheproofFile)
    : { testGroups: [] };

  it.each(VERIFIERS)('agrees on every case: %s', (_, verify) => {
    const wrong = testGroups.flatMap(({ publicKey: { pk }, tests }) =>
      tests
        .filter(({ msg, sig, result }) => verify(unhex(pk), unhex(msg), unhex(sig)) !== (result === 'valid'))
        .map(({ tcId }) => tcId),
    );
    expect(testGroups.length).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  });
});
