import { SecretBytes } from '@eko/protocol';
import { VrfMemory, deriveVrfPublicKey, nobleVrfCurve, proveVrf, verifyVrf } from '@eko/protocol/crypto';
import { concatBytes, utf8Encode } from '@eko/protocol/encoding';
import { codedError } from '../../../support/coded-error';

const seed = new SecretBytes('vrf seed', new Uint8Array(32).fill(7));
const publicKey = deriveVrfPublicKey(seed);
const inputs = ['one', 'two', 'three'].map(utf8Encode);
const proofOf = (alpha: Uint8Array) => proveVrf(seed, alpha);
const [alpha = new Uint8Array()] = inputs;
const proof = proofOf(alpha);

describe('a memory of VRF proofs', () => {
  it('answers as the verifier does, the first time, again, and for a proof of its own', () => {
    const memory = new VrfMemory(2);
    const output = verifyVrf(publicKey, alpha, proof);
    expect(memory.verify(publicKey, alpha, proof)).toEqual(output);
    expect(memory.verify(publicKey, alpha, proof)).toEqual(output);
    const own = new VrfMemory(2);
    own.addOwn(publicKey, alpha, proof);
    expect(own.verify(publicKey, alpha, proof)).toEqual(output);
  });

  it('hands out no buffer that it keeps', () => {
    const memory = new VrfMemory(2);
    memory.verify(publicKey, alpha, proof).fill(0);
    expect(memory.verify(publicKey, alpha, proof)).toEqual(verifyVrf(publicKey, alpha, proof));
  });

  it('refuses what does not hold, however near it is to what it remembers', () => {
    const memory = new VrfMemory(2);
    memory.verify(publicKey, alpha, proof);
    const other = deriveVrfPublicKey(new SecretBytes('vrf seed', new Uint8Array(32).fill(8)));
    const near: readonly [Uint8Array, Uint8Array, Uint8Array][] = [
      [other, alpha, proof],
      [publicKey, utf8Encode('onE'), proof],
      [publicKey, alpha, proof.map((byte, place) => (place === 40 ? byte ^ 1 : byte))],
      // The same bytes, cut at another place.
      [publicKey.subarray(0, 31), concatBytes(publicKey.subarray(31), alpha), proof],
      [publicKey, concatBytes(alpha, proof.subarray(0, 1)), proof.subarray(1)],
    ];
    for (const triple of near) {
      const refusal = () => codedError(() => memory.verify(...triple)).code;
      expect([refusal(), refusal()]).toEqual(['BAD_PROOF', 'BAD_PROOF']);
    }
    expect(codedError(() => memory.addOwn(publicKey, alpha, proof.subarray(1))).code).toBe('BAD_PROOF');
  });

  it('computes on the curve that it is given', () => {
    const refusing = new VrfMemory(2, { ...nobleVrfCurve, commitments: () => undefined });
    expect(codedError(() => refusing.verify(publicKey, alpha, proof)).code).toBe('BAD_PROOF');
    const pointless = new VrfMemory(2, { ...nobleVrfCurve, clearCofactor: () => undefined });
    expect(codedError(() => pointless.addOwn(publicKey, alpha, proof)).code).toBe('BAD_PROOF');
  });

  it('keeps no more than it is told to', () => {
    const memory = new VrfMemory(2);
    // Nothing tells from outside what is remembered, but a false proof taken as its own.
    memory.addOwn(publicKey, alpha, proofOf(utf8Encode('another')));
    const takes = () => {
      try {
        return memory.verify(publicKey, alpha, proofOf(utf8Encode('another'))).length;
      } catch {
        return 0;
      }
    };
    expect(takes()).toBe(64);
    for (const more of inputs.slice(1)) memory.verify(publicKey, more, proofOf(more));
    expect(takes()).toBe(0);
  });
});
