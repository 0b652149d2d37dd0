import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { newNativeSigner } from '@eko/sdk/node';

const HALF_ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551') / 2n;
const pemOf = (pair: ReturnType<typeof generateKeyPairSync>): string =>
  (pair.privateKey as unknown as { export(options: object): string }).export({
    type: 'pkcs8',
    format: 'pem',
  });

/** The second INTEGER of a DER signature. */
function sOf(der: Uint8Array): bigint {
  const rLength = der[3] ?? 0;
  const start = 4 + rLength;
  return BigInt(
    `0x${Buffer.from(der.subarray(start + 2, start + 2 + (der[start + 1] ?? 0))).toString('hex')}`,
  );
}

describe('newNativeSigner', () => {
  const message = Buffer.from('a whole proposal');

  it('signs ECDSA P-256 in DER with the lower s, always', async () => {
    const pem = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const sign = newNativeSigner(pem);
    for (let count = 0; count < 200; count += 1) {
      const signature = await sign(message);
      expect(sOf(signature) <= HALF_ORDER).toBe(true);
      expect(verify('sha256', message, createPublicKey(pem), signature)).toBe(true);
    }
  });

  it('signs Ed25519', async () => {
    const pem = pemOf(generateKeyPairSync('ed25519'));
    const signature = await newNativeSigner(pem)(message);
    expect(verify(null, message, createPublicKey(pem), signature)).toBe(true);
  });

  it('refuses other keys and what is no key, without repeating it', () => {
    const p384 = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    for (const pem of [p384, 'hunter2', '']) {
      try {
        newNativeSigner(pem);
        throw new Error('accepted');
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
        expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
      }
    }
  });
});
